import { t } from "@lingui/core/macro";
import { Switch } from "@mantine/core";
import { confirm } from "@/kit/confirm";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { type Upstream, useChangeUpstream } from "./upstreams";

/** Switches an upstream on and off; off is asked about first, since requests lose a place to go. */
export function EnabledSwitch({ upstream }: { upstream: Upstream }) {
  const change = useChangeUpstream();
  const switchOver = async () => {
    const enabled = !upstream.enabled;
    if (!enabled && !(await confirm(question(upstream)))) return;
    try {
      await change.mutateAsync({ id: upstream.id, terms: { enabled } });
      notifyDone(
        enabled
          ? t`${{ upstream: upstream.id }} is switched on. Instances follow within 15 seconds.`
          : t`${{ upstream: upstream.id }} is switched off. Instances follow within 15 seconds.`,
      );
    } catch (error) {
      notifyProblem(
        error,
        enabled
          ? t`${{ upstream: upstream.id }} was not switched on`
          : t`${{ upstream: upstream.id }} was not switched off`,
      );
    }
  };
  return (
    <Switch
      checked={change.isPending ? change.variables.terms.enabled === true : upstream.enabled}
      disabled={change.isPending}
      onChange={switchOver}
      aria-label={t`Requests go to ${{ upstream: upstream.id }}`}
      withThumbIndicator={false}
    />
  );
}

function question(upstream: Upstream) {
  return {
    title: t`Switch ${{ upstream: upstream.id }} off?`,
    children: t`No new request goes there. Models that no other upstream serves are answered with an error until it is on again.`,
    action: t`Switch off`,
    danger: true,
  };
}

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
      notifyDone(`${upstream.id} is switched ${enabled ? "on" : "off"}. Instances follow within 15 seconds.`);
    } catch (error) {
      notifyProblem(error, `${upstream.id} was not switched ${enabled ? "on" : "off"}`);
    }
  };
  return (
    <Switch
      checked={change.isPending ? change.variables.terms.enabled === true : upstream.enabled}
      disabled={change.isPending}
      onChange={switchOver}
      aria-label={`Requests go to ${upstream.id}`}
      withThumbIndicator={false}
    />
  );
}

function question(upstream: Upstream) {
  return {
    title: `Switch ${upstream.id} off?`,
    children:
      "No new request goes there. Models that no other upstream serves are answered with an error until it is on again.",
    action: "Switch off",
    danger: true,
  };
}

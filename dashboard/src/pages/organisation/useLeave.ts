import { t } from "@lingui/core/macro";
import { api, unwrap } from "@/api/client";
import { useMe } from "@/data/me";
import { useOrganisation, useRefreshOrganisations } from "@/data/organisations";
import { confirm } from "@/kit/confirm";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { organisation } from "@/session/organisation";

/** Asks, and leaves the organisation that one works on. */
export function useLeave(): () => Promise<void> {
  const me = useMe();
  const here = useOrganisation();
  const refresh = useRefreshOrganisations();
  return async () => {
    if (here === undefined || me.data === undefined) return;
    const isSure = await confirm({
      title: t`Leave ${{ here: here.name }}?`,
      children: t`Your keys there stop within seconds, for good. Coming back takes a new invitation.`,
      action: t`Leave`,
      danger: true,
    });
    if (!isSure) return;
    const path = { org: here.id, uid: me.data.id };
    try {
      await unwrap(api().DELETE("/api/orgs/{org}/members/{uid}", { params: { path } }));
    } catch (error) {
      notifyProblem(error, t`You have not left`);
      return;
    }
    organisation.choose(null);
    await refresh();
    notifyDone(t`You have left ${{ here: here.name }}.`);
  };
}

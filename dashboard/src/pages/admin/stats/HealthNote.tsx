import { plural, t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { pageBelow } from "../parts/NameLink";
import { Notice } from "../parts/Notice";
import { ADMIN } from "../parts/useChange";
import { useSeen } from "../upstreams/health";
import { illUpstreams } from "../upstreams/ill";
import { useUpstreams } from "../upstreams/upstreams";
import { useSystemStats } from "./useSystemStats";

/** How the system stands. */
export function useSystemHealth() {
  return useQuery({
    queryKey: [ADMIN, "health"],
    queryFn: () => unwrap(api().GET("/api/admin/health")),
    refetchInterval: 60_000,
  });
}

/** Says whether anything needs an operator, and what. Nothing until that is known. */
export function HealthNote() {
  const health = useSystemHealth();
  const upstreams = useUpstreams();
  const { seen } = useSeen();
  const week = useSystemStats(7, "");
  if (health.data === undefined || upstreams.data === undefined) return null;
  const ill = illUpstreams(upstreams.data, seen, week.data?.by_upstream ?? []);
  const { overdue_leases, users, upstreams: count } = health.data;
  if (ill.length === 0 && overdue_leases === 0) {
    return (
      <Notice tone="good" title={t`All is well`}>
        {t`${plural(users, { one: "# user", other: "# users" })}, ${plural({ upstreams: count }, { one: "# upstream", other: "# upstreams" })} in use, nothing overdue.`}
      </Notice>
    );
  }
  return (
    <Notice tone="warn" title={t`This needs you`}>
      {ill.map(({ id, why }) => (
        <div key={id}>
          <Trans>
            The upstream{" "}
            <Anchor component={Link} to={pageBelow("/admin/upstreams", id)} inherit underline="always">
              {id}
            </Anchor>{" "}
            {why}.
          </Trans>
        </div>
      ))}
      {overdue_leases > 0 && (
        <div>
          <Trans>
            <Plural
              value={overdue_leases}
              one="# lease waits for a sweep."
              other="# leases wait for a sweep."
            />{" "}
            <Anchor component={Link} to="/admin/jobs" inherit underline="always">
              Does its job run?
            </Anchor>
          </Trans>
        </div>
      )}
    </Notice>
  );
}

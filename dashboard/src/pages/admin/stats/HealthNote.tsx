import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { formatCount } from "@/kit/numbers";
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
      <Notice tone="good" title="All is well">
        {formatCount(users)} {users === 1 ? "user" : "users"}, {formatCount(count)}{" "}
        {count === 1 ? "upstream" : "upstreams"} in use, nothing overdue.
      </Notice>
    );
  }
  return (
    <Notice tone="warn" title="This needs you">
      {ill.map(({ id, why }) => (
        <div key={id}>
          The upstream{" "}
          <Anchor component={Link} to={pageBelow("/admin/upstreams", id)} inherit underline="always">
            {id}
          </Anchor>{" "}
          {why}.
        </div>
      ))}
      {overdue_leases > 0 && (
        <div>
          {formatCount(overdue_leases)} leases wait for a sweep.{" "}
          <Anchor component={Link} to="/admin/jobs" inherit underline="always">
            Does its job run?
          </Anchor>
        </div>
      )}
    </Notice>
  );
}

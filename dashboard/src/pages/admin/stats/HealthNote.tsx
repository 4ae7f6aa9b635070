import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { formatCount } from "@/kit/numbers";
import { Notice } from "../parts/Notice";
import { ADMIN } from "../parts/useChange";
import { healthOf, useSeen } from "../upstreams/health";
import { useUpstreams } from "../upstreams/upstreams";

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
  if (health.data === undefined || upstreams.data === undefined) return null;
  const down = upstreams.data.filter((upstream) => healthOf(upstream, seen.get(upstream.id)).tone === "bad");
  const { overdue_leases, users, upstreams: count } = health.data;
  if (down.length === 0 && overdue_leases === 0) {
    return (
      <Notice tone="good" title="All is well">
        {formatCount(users)} {users === 1 ? "user" : "users"}, {formatCount(count)}{" "}
        {count === 1 ? "upstream" : "upstreams"} in use, nothing overdue.
      </Notice>
    );
  }
  return (
    <Notice tone="warn" title="This needs you">
      {down.length > 0 && (
        <div>
          {down.length === 1 ? "An upstream does not answer: " : "Some upstreams do not answer: "}
          {down.map(({ id }, index) => (
            <span key={id}>
              {index > 0 && ", "}
              <Anchor
                component={Link}
                to={`/admin/upstreams/${encodeURIComponent(id)}`}
                inherit
                underline="always"
              >
                {id}
              </Anchor>
            </span>
          ))}
          .
        </div>
      )}
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

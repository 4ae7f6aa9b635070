import { Anchor } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import classes from "@/kit/trail/Trail.module.css";
import { TrailEntry } from "@/kit/trail/TrailEntry";
import { TrailList } from "@/kit/trail/TrailList";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";
import { ADMIN } from "../parts/useChange";
import { pageOf, sayAction, sayTarget } from "./actions";
import { Person } from "./Person";

export interface TrailFilter {
  target?: string;
  actor?: string;
  action?: string;
}

interface Props {
  filter: TrailFilter;
  label: string;
  /** As of `Paged`. */
  atFirst?: number;
  empty: ReactNode;
}

/** Who changed what, newest first; each entry opens to what was before and is after. */
export function Trail({ filter, label, atFirst, empty }: Props) {
  const query = useInfiniteQuery({
    queryKey: [ADMIN, "trail", filter],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/audit", { params: { query: { ...filter, cursor } } })),
    ),
  });
  const withTarget = filter.target === undefined;
  return (
    <TrailList
      label={label}
      query={query}
      atFirst={atFirst}
      empty={empty}
      show={(entry) => (
        <TrailEntry
          action={sayAction(entry.action)}
          target={withTarget && <Target target={entry.target} />}
          by={
            <>
              <Person id={entry.actor} />, <When at={entry.created_at} />
            </>
          }
          change={entry}
        />
      )}
    />
  );
}

function Target({ target }: { target: string }) {
  const page = pageOf(target);
  const name = target.startsWith("users/") ? (
    <Person id={target.slice("users/".length)} />
  ) : (
    <Unspaced text={sayTarget(target)} />
  );
  if (page === null) return <span className={classes.target}>{name}</span>;
  return (
    <Anchor component={Link} to={page} size="sm" className={classes.target}>
      {name}
    </Anchor>
  );
}

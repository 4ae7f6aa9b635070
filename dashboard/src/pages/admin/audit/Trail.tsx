import { t } from "@lingui/core/macro";
import { Anchor, Button, Center, Collapse, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRightIcon } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Link } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Failure } from "@/kit/Failure";
import { Loading } from "@/kit/Loading";
import { When } from "@/kit/When";
import { ADMIN } from "../parts/useChange";
import { pageOf, sayAction, sayTarget } from "./actions";
import { Difference } from "./Difference";
import { differences } from "./difference";
import { Person } from "./Person";
import classes from "./Trail.module.css";

export interface TrailFilter {
  target?: string;
  actor?: string;
  action?: string;
}

interface Props {
  filter: TrailFilter;
  label: string;
  empty: ReactNode;
}

/** Who changed what, newest first; each entry opens to what was before and is after. */
export function Trail({ filter, label, empty }: Props) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [ADMIN, "trail", filter],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/audit", { params: { query: { ...filter, cursor } } })),
    ),
  });
  if (data === undefined) {
    return (
      <div className={classes.place}>
        {error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading as="rows" />}
      </div>
    );
  }
  const entries = data.pages.flatMap((page) => page.data);
  if (entries.length === 0) return <div className={classes.place}>{empty}</div>;
  return (
    <>
      <ul className={classes.list} aria-label={label}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} withTarget={filter.target === undefined} />
        ))}
      </ul>
      {error !== null && (
        <div className={classes.place}>
          <Failure error={error} onRetry={() => void fetchNextPage()} />
        </div>
      )}
      {hasNextPage && (
        <Center p="md">
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t`Show more`}
          </Button>
        </Center>
      )}
    </>
  );
}

interface EntryProps {
  entry: Schema<"TrailAnswer">;
  withTarget: boolean;
}

function Entry({ entry, withTarget }: EntryProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const lines = differences(entry.before, entry.after);
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <UnstyledButton
          className={classes.opener}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          <ChevronRightIcon
            size={16}
            aria-hidden
            className={classes.chevron}
            data-open={isOpen || undefined}
          />
          <Text component="span" size="sm" fw={550}>
            {sayAction(entry.action)}
          </Text>
        </UnstyledButton>
        {withTarget && <Target target={entry.target} />}
        <div className={classes.by}>
          <Text component="span" size="sm" c="dimmed">
            <Person id={entry.actor} />, <When at={entry.created_at} />
          </Text>
        </div>
      </div>
      <Collapse expanded={isOpen} id={id}>
        <div className={classes.detail}>
          <Difference lines={lines} />
        </div>
      </Collapse>
    </li>
  );
}

function Target({ target }: { target: string }) {
  const page = pageOf(target);
  const name = target.startsWith("users/") ? (
    <Person id={target.slice("users/".length)} />
  ) : (
    sayTarget(target)
  );
  if (page === null) return <span className={classes.target}>{name}</span>;
  return (
    <Anchor component={Link} to={page} size="sm" className={classes.target}>
      {name}
    </Anchor>
  );
}

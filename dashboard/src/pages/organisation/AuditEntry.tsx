import { t } from "@lingui/core/macro";
import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { type Named, nameIn, useNames } from "@/data/groups";
import { useKeys } from "@/data/keys";
import classes from "@/kit/trail/Trail.module.css";
import { TrailEntry } from "@/kit/trail/TrailEntry";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";
import { sayAction } from "./actions";

type Entry = Schema<"AuditLine">;

/** One entry: what was done, to what, by whom and from where; it opens to what was before and is after. */
export function AuditEntry({ entry }: { entry: Entry }) {
  const keys = useKeyNames();
  return (
    <TrailEntry
      action={sayAction(entry.action)}
      target={<Target entry={entry} keys={keys} />}
      by={
        <>
          {sayActor(entry, keys)}
          {entry.address !== null && ` ${t`from ${{ address: entry.address }}`}`},{" "}
          <When at={entry.created_at} />
        </>
      }
      change={entry}
    />
  );
}

/** What something was done to, by its name where that is known. */
function Target({ entry, keys }: { entry: Entry; keys: Named[] }) {
  const { projects, serviceAccounts } = useNames();
  const [kind = "", id = ""] = entry.target.split("/"); // as in `keys/abc`
  const named = { projects, service_accounts: serviceAccounts, keys }[kind] ?? [];
  const told = entry.after ?? entry.before;
  const whom = kind === "members" ? id : undefined; // who has left, and told no name
  const own = entry.target_name ?? [told?.name, told?.email].find((each) => typeof each === "string") ?? whom;
  const name = named.some((each) => each.id === id) ? nameIn(named, id) : own;
  if (kind === "wallets" || name === undefined) return null;
  if (kind !== "keys") {
    return (
      <Text span size="sm" className={classes.target}>
        <Unspaced text={name} />
      </Text>
    );
  }
  return (
    <Anchor component={Link} to={`/keys/${id}`} size="sm" className={classes.target}>
      <Unspaced text={name} />
    </Anchor>
  );
}

function useKeyNames(): Named[] {
  return useKeys().data?.pages.flatMap((page) => page.data) ?? [];
}

function sayActor({ actor, actor_name }: Entry, keys: Named[]): string {
  if (actor === "system") return t`Farebox itself`;
  if (actor.startsWith("key:")) return t`the key ${{ name: nameIn(keys, actor.slice("key:".length)) }}`;
  return actor_name ?? actor;
}

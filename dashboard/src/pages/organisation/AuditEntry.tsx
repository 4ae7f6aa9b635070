import { t } from "@lingui/core/macro";
import { Anchor, Collapse, Text, UnstyledButton } from "@mantine/core";
import { ChevronRightIcon } from "lucide-react";
import { useId, useState } from "react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { type Named, nameIn, useNames } from "@/data/groups";
import { useKeys } from "@/data/keys";
import { When } from "@/kit/When";
import { Difference } from "@/pages/admin/audit/Difference";
import { differences } from "@/pages/admin/audit/difference";
import classes from "@/pages/admin/audit/Trail.module.css";
import { sayAction } from "./actions";

/** One entry: what was done, to what, by whom and from where; it opens to what was before and is after. */
export function AuditEntry({ entry }: { entry: Schema<"AuditLine"> }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const keys = useKeyNames();
  const { members } = useNames();
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
        <Target target={entry.target} told={entry.after ?? entry.before} keys={keys} />
        <div className={classes.by}>
          <Text component="span" size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {sayActor(entry.actor, members, keys)}
            {entry.address !== null && ` ${t`from ${{ address: entry.address }}`}`},{" "}
            <When at={entry.created_at} />
          </Text>
        </div>
      </div>
      <Collapse expanded={isOpen} id={id}>
        <div className={classes.detail}>
          <Difference lines={differences(entry.before, entry.after)} />
        </div>
      </Collapse>
    </li>
  );
}

interface TargetProps {
  /** As in `keys/abc`. */
  target: string;
  told: Record<string, unknown> | null;
  keys: Named[];
}

/** What something was done to, by its name where that is known. */
function Target({ target, told, keys }: TargetProps) {
  const { members, projects, serviceAccounts } = useNames();
  const [kind = "", id = ""] = target.split("/");
  const named = { members, projects, service_accounts: serviceAccounts, keys }[kind] ?? [];
  const own = [told?.name, told?.email].find((each) => typeof each === "string");
  const name = named.some((each) => each.id === id) ? nameIn(named, id) : own;
  if (kind === "wallets" || name === undefined) return null;
  if (kind !== "keys") {
    return (
      <Text span size="sm" className={classes.target}>
        {name}
      </Text>
    );
  }
  return (
    <Anchor component={Link} to={`/keys/${id}`} size="sm" className={classes.target}>
      {name}
    </Anchor>
  );
}

function useKeyNames(): Named[] {
  return useKeys().data?.pages.flatMap((page) => page.data) ?? [];
}

function sayActor(actor: string, members: Named[], keys: Named[]): string {
  if (actor === "system") return t`Farebox itself`;
  if (actor.startsWith("key:")) return t`the key ${{ name: nameIn(keys, actor.slice("key:".length)) }}`;
  return nameIn(members, actor);
}

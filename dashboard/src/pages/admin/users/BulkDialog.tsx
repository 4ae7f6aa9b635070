import { plural, t } from "@lingui/core/macro";
import { Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { formatUsd, fromNanos, parseUsd, toNanos } from "@/kit/money";
import { formatCount } from "@/kit/numbers";
import { UsdInput } from "@/kit/UsdInput";
import { NameRow, Names } from "../parts/Names";
import { Orders } from "../parts/orders";
import { isCredit, isReason } from "../parts/rules";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";
import classes from "./BulkBar.module.css";
import { changeEach, listed, type Result } from "./bulk";
import { type ManagedUser, nameOf } from "./users";

/** What is done with many users. */
export type Deed = "suspend" | "restore" | "credit";

interface Props {
  /** `null`: nothing is asked. */
  deed: Deed | null;
  users: ManagedUser[];
  onClose: (isDone: boolean) => void;
}

const MOST_LISTED = 100;

const TITLES: Record<Deed, string> = {
  suspend: t`Suspend these accounts?`,
  restore: t`Restore these accounts?`,
  credit: t`Give credit to these accounts`,
};
const LEADS: Record<Deed, string> = {
  suspend: t`All their requests are refused everywhere within 5 seconds. Their wallets stay as they are, and you can restore them at any time.`,
  restore: t`They can sign in and spend again within 5 seconds.`,
  credit: t`Each gets the same, posted to their ledger as a bonus.`,
};

/** Asks before many users are changed, changes each once, and tells of each how it went. */
export function BulkDialog({ deed, users, onClose }: Props) {
  const isDone = useRef(false);
  const close = () => onClose(isDone.current);
  return (
    <FormDialog title={deed === null ? "" : TITLES[deed]} opened={deed !== null} onClose={close} size="lg">
      {deed !== null && (
        <Fields
          deed={deed}
          users={users}
          onClose={close}
          onDone={(all) => {
            isDone.current = all;
          }}
        />
      )}
    </FormDialog>
  );
}

interface FieldsProps {
  deed: Deed;
  users: ManagedUser[];
  onClose: () => void;
  onDone: (all: boolean) => void;
}

function Fields({ deed, users, onClose, onDone }: FieldsProps) {
  const queries = useQueryClient();
  const [orders] = useState(() => new Orders()); // sent again, a change is the same one and happens once
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const [isSending, setSending] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  const form = useForm({
    initialValues: { amount_usd: "", reason: "" },
    validate: deed === "credit" ? { amount_usd: isCredit, reason: isReason } : {},
  });
  const left = users.filter(({ id }) => results.get(id)?.state !== "done");
  const send = async ({ amount_usd, reason }: typeof form.values) => {
    if (isSending) return;
    setSending(true);
    const change = (user: ManagedUser) => {
      const wish = { deed, user: user.id, amount_usd: parseUsd(amount_usd) ?? "", reason: reason.trim() };
      return act(wish, orders.headersFor(wish));
    };
    const tell = ({ id }: ManagedUser, result: Result) =>
      setResults((former) => new Map(former).set(id, result));
    let failed = 0;
    await changeEach(
      left,
      (user) =>
        change(user).catch((error) => {
          failed++;
          throw error;
        }),
      tell,
      stop.current.signal,
    );
    onDone(failed === 0);
    setSending(false);
    await queries.invalidateQueries({ queryKey: [ADMIN] });
  };
  const isOver = left.length === 0;
  const shown = listed(users, ({ id }) => results.get(id), MOST_LISTED);
  const isAgain = results.size > 0 && !isSending;
  return (
    <DialogForm
      onSubmit={
        isOver
          ? (event) => {
              event.preventDefault();
              onClose();
            }
          : form.onSubmit(send)
      }
      problem={null}
      isSending={isSending}
      action={isOver ? t`Done` : isAgain ? t`Try again` : actionOf(deed, left.length)}
      danger={deed === "suspend" && !isOver}
      onCancel={onClose}
    >
      <Text size="sm">{LEADS[deed]}</Text>
      {deed === "credit" && results.size === 0 && (
        <>
          <UsdInput label={t`Credit for each`} data-autofocus {...form.getInputProps("amount_usd")} />
          <Total amount={form.values.amount_usd} count={users.length} />
          <Textarea
            label={t`Reason`}
            description={t`For the ledger, which the users see, and the audit trail.`}
            autosize
            minRows={2}
            maxLength={500}
            {...form.getInputProps("reason")}
          />
        </>
      )}
      <Names label={t`Accounts`}>
        {shown.map((user) => (
          <Row key={user.id} user={user} result={results.get(user.id)} />
        ))}
      </Names>
      {shown.length < users.length && (
        <Text size="sm" c="dimmed" role="status">
          {results.size === 0
            ? plural(users.length - shown.length, { one: "and one more", other: "and # more" })
            : t`${{ done: formatCount(users.length - left.length) }} of ${{ all: formatCount(users.length) }} done`}
        </Text>
      )}
    </DialogForm>
  );
}

function actionOf(deed: Deed, count: number): string {
  if (deed === "suspend") return plural(count, { one: "Suspend # account", other: "Suspend # accounts" });
  if (deed === "restore") return plural(count, { one: "Restore # account", other: "Restore # accounts" });
  return plural(count, { one: "Credit # account", other: "Credit # accounts" });
}

/** What the credit comes to over all. */
function Total({ amount, count }: { amount: string; count: number }) {
  const each = parseUsd(amount);
  if (each === null) return null;
  const total = formatUsd(fromNanos(toNanos(each) * BigInt(count)), { exact: true });
  return (
    <Text size="sm" c="dimmed">
      {t`${total} in all.`}
    </Text>
  );
}

function Row({ user, result }: { user: ManagedUser; result: Result | undefined }) {
  return (
    <NameRow name={nameOf(user)}>
      {result?.state === "running" && <Status tone="idle">{t`Running`}</Status>}
      {result?.state === "done" && <Status tone="good">{t`Done`}</Status>}
      {result?.state === "failed" && (
        <>
          <Status tone="bad">{t`Failed`}</Status>
          <span className={classes.problem}>{asProblem(result.error).message}</span>
        </>
      )}
    </NameRow>
  );
}

function act(
  { deed, user, amount_usd, reason }: { deed: Deed; user: string; amount_usd: string; reason: string },
  headers: ReturnType<Orders["headersFor"]>,
): Promise<unknown> {
  if (deed === "credit") {
    const body = { user_id: user, amount_usd, reason };
    return unwrap(api().POST("/api/admin/credits/bonus", { body, headers }));
  }
  const body = { status: deed === "suspend" ? "suspended" : "active" } as Schema<"UserChange">;
  const params = { path: { id: user } };
  return unwrap(api().PATCH("/api/admin/users/{id}", { params, body, headers }));
}

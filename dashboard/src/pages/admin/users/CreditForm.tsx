import { t } from "@lingui/core/macro";
import { SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { formatUsd, fromNanos, parseUsd, toNanos } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { isCredit, isReason } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import { type ManagedUser, nameOf } from "./users";

interface Props {
  user: ManagedUser;
  opened: boolean;
  onClose: () => void;
}

/** Give a user credit, or bring their balance to an amount. */
export function CreditForm({ user, opened, onClose }: Props) {
  return (
    <Sheet title={t`Change the balance`} opened={opened} onClose={onClose}>
      <Fields user={user} onClose={onClose} />
    </Sheet>
  );
}

type Way = "bonus" | "set";

function Fields({ user, onClose }: Omit<Props, "opened">) {
  const [way, setWay] = useState<Way>("bonus");
  const bonus = useChange((body: { user_id: string; amount_usd: string; reason: string }, headers) =>
    unwrap(api().POST("/api/admin/credits/bonus", { body, headers })),
  );
  const set = useChange((body: { user_id: string; balance_usd: string; reason: string }, headers) =>
    unwrap(api().POST("/api/admin/credits/set", { body, headers })),
  );
  const form = useForm({
    mode: "controlled",
    initialValues: { amount_usd: "", balance_usd: "", reason: "" },
    validate: {
      amount_usd: (typed) => (way === "bonus" ? isCredit(typed) : null),
      balance_usd: (typed) => (way === "set" ? isUsd(typed) : null),
      reason: isReason,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const common = { user_id: user.id, reason: values.reason.trim() };
    const answer =
      way === "bonus"
        ? await bonus.mutateAsync({ ...common, amount_usd: parseUsd(values.amount_usd) ?? "" })
        : await set.mutateAsync({ ...common, balance_usd: parseUsd(values.balance_usd) ?? "" });
    notifyDone(
      answer.transaction === null
        ? t`The balance was so already.`
        : t`${{ email: nameOf(user) }} now has ${{ balanceUsd: formatUsd(answer.balance_usd, { exact: true }) }}.`,
    );
    onClose();
  });
  const typed = parseUsd(way === "bonus" ? form.values.amount_usd : form.values.balance_usd);
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={way === "bonus" ? t`Give credit` : t`Set balance`}
      onCancel={onClose}
    >
      <SegmentedControl
        aria-label={t`How to change the balance`}
        value={way}
        onChange={(next) => setWay(next as Way)}
        data={[
          { value: "bonus", label: t`Give credit` },
          { value: "set", label: t`Set balance` },
        ]}
      />
      {way === "bonus" ? (
        <UsdInput
          label={t`Credit to give`}
          description={t`Posted to the ledger as a bonus.`}
          data-autofocus
          {...form.getInputProps("amount_usd")}
        />
      ) : (
        <UsdInput
          label={t`New balance`}
          description={t`Posted to the ledger as an adjustment of the difference. It cannot be below what requests in flight hold.`}
          {...form.getInputProps("balance_usd")}
        />
      )}
      <Textarea
        label={t`Reason`}
        description={t`For the ledger, which the user sees, and the audit trail.`}
        autosize
        minRows={2}
        maxLength={500}
        {...form.getInputProps("reason")}
      />
      {typed !== null && <Outlook way={way} balance={user.balance_usd} typed={typed} />}
    </SheetForm>
  );
}

/** What the change comes to, before it is made. */
function Outlook({ way, balance, typed }: { way: Way; balance: string; typed: string }) {
  const before = toNanos(balance);
  const after = way === "bonus" ? before + toNanos(typed) : toNanos(typed);
  return (
    <Stack gap={2}>
      <Text size="sm" c="dimmed">
        {t`What this comes to`}
      </Text>
      <Text className="figures">
        {formatUsd(balance, { exact: true })} →{" "}
        <strong>{formatUsd(fromNanos(after), { exact: true })}</strong>{" "}
        <Text component="span" c="dimmed">
          ({formatUsd(fromNanos(after - before), { exact: true, signed: true })})
        </Text>
      </Text>
    </Stack>
  );
}

import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { CopyButton } from "@/kit/CopyButton";
import { formatUsd, parseUsd } from "@/kit/money";
import { isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { isOptionalWhole, orNull, parseWhole } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import classes from "./NewCodeForm.module.css";

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Make a code, and hand it over. */
export function NewCodeForm({ opened, onClose }: Props) {
  return (
    <Sheet title={t`Make a code`} opened={opened} onClose={onClose}>
      <Steps onClose={onClose} />
    </Sheet>
  );
}

function Steps({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Schema<"CodeAnswer">>();
  return made === undefined ? (
    <Fields onMade={setMade} onClose={onClose} />
  ) : (
    <Made code={made} onClose={onClose} />
  );
}

interface FieldsProps {
  onMade: (code: Schema<"CodeAnswer">) => void;
  onClose: () => void;
}

function Fields({ onMade, onClose }: FieldsProps) {
  const create = useChange((body: Schema<"NewCode">, headers) =>
    unwrap(api().POST("/api/admin/codes", { body, headers })),
  );
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { amount_usd: "", max_uses: "1", expires_at: "", code: "", note: "" },
    validate: {
      amount_usd: isUsd,
      max_uses: (typed) => (typed.trim() === "" ? t`Write how often in all.` : isOptionalWhole(typed)),
      code: (typed) =>
        /^$|^[A-Za-z0-9-]{6,40}$/.test(typed.trim()) ? null : t`Write 6 to 40 letters, digits or dashes.`,
      expires_at: (typed) =>
        typed !== "" && Date.parse(typed) <= Date.now() ? t`Choose a time to come, or none.` : null,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    onMade(
      await create.mutateAsync({
        amount_usd: parseUsd(values.amount_usd) ?? "",
        max_uses: parseWhole(values.max_uses) ?? 1,
        expires_at: values.expires_at === "" ? null : new Date(values.expires_at).toISOString(),
        code: orNull(values.code),
        note: values.note.trim(),
      }),
    );
  });
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Make code`}
      onCancel={onClose}
    >
      <UsdInput
        label={t`Credit for each who redeems it`}
        data-autofocus
        key={form.key("amount_usd")}
        {...form.getInputProps("amount_usd")}
      />
      <TextInput
        label={t`How often in all`}
        description={t`Once a user in any case`}
        inputMode="numeric"
        key={form.key("max_uses")}
        {...form.getInputProps("max_uses")}
      />
      <TextInput
        label={t`Until`}
        description={t`Optional, in this device's time zone`}
        type="datetime-local"
        key={form.key("expires_at")}
        {...form.getInputProps("expires_at")}
      />
      <TextInput
        label={t`Code`}
        description={t`Optional. Empty: one of chance, which nobody guesses.`}
        autoComplete="off"
        spellCheck={false}
        key={form.key("code")}
        {...form.getInputProps("code")}
      />
      <TextInput
        label={t`Note`}
        description={t`Optional, for operators`}
        maxLength={300}
        key={form.key("note")}
        {...form.getInputProps("note")}
      />
    </SheetForm>
  );
}

function Made({ code, onClose }: { code: Schema<"CodeAnswer">; onClose: () => void }) {
  return (
    <Stack>
      <Text>
        <Trans>
          Whoever redeems this code is credited{" "}
          {ph({ amountUsd: formatUsd(code.amount_usd, { exact: true }) })}. It stays in the list, so you can
          come back for it.
        </Trans>
      </Text>
      <output className={classes.code}>{code.code}</output>
      <Group justify="flex-end">
        <CopyButton value={code.code} what={t`code`} wide />
        <Button onClick={onClose}>{t`Done`}</Button>
      </Group>
    </Stack>
  );
}

import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Checkbox, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { type Organisation, useRefreshOrganisations } from "@/data/organisations";
import { useWallet } from "@/data/wallet";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { compareUsd, formatUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { organisation } from "@/session/organisation";

/** The end of an organisation, which is asked for by its name. */
export function Ending({ here }: { here: Organisation }) {
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Panel
      title={t`End the organisation`}
      lead={t`For good: every key stops within seconds, and nobody belongs to it any more. Its ledger is kept.`}
    >
      <Button variant="light" color="red" mt="xs" onClick={() => setOpened(true)}>
        <Trans>End {ph({ here: here.name })}</Trans>
      </Button>
      <FormDialog title={t`End ${{ here: here.name }}?`} opened={opened} onClose={close}>
        <EndForm here={here} onClose={close} />
      </FormDialog>
    </Panel>
  );
}

function EndForm({ here, onClose }: { here: Organisation; onClose: () => void }) {
  const balance = useWallet().data?.balance_usd ?? "0";
  const hasCredit = compareUsd(balance, "0") > 0;
  const refresh = useRefreshOrganisations();
  const form = useForm({
    initialValues: { name: "", forfeit: false },
    validate: {
      name: (name) => (name.trim() === here.name ? null : t`Write ${{ here: here.name }}, to be sure.`),
      forfeit: (isGivenUp) => (hasCredit && !isGivenUp ? t`Spend the credit first, or give it up.` : null),
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ forfeit }: typeof form.values) => {
    const params = { path: { org: here.id }, query: { forfeit_credit: forfeit } };
    await unwrap(api().DELETE("/api/orgs/{org}", { params }));
    organisation.choose(null);
    await refresh();
    notifyDone(t`${{ here: here.name }} is ended.`);
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`End it for good`}
      danger
      onCancel={onClose}
    >
      <Text size="sm">
        {t`This cannot be undone. A plan, or money that is on its way, must come to its end first.`}
      </Text>
      {hasCredit && (
        <Checkbox
          label={t`Give up the ${{ balance: formatUsd(balance, { rounding: "down" }) }} that are left`}
          {...form.getInputProps("forfeit", { type: "checkbox" })}
        />
      )}
      <TextInput
        label={t`Write ${{ here: here.name }}`}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("name")}
      />
    </DialogForm>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { BotIcon, KeyRoundIcon, PlusIcon, Trash2Icon } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { type ServiceAccount, useRefreshGroups, useServiceAccounts } from "@/data/groups";
import { useMay, useOrganisation } from "@/data/organisations";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { RowMenu } from "@/kit/RowMenu";
import { useSubmit } from "@/kit/useSubmit";
import { When } from "@/kit/When";

/** Holders of keys that are nobody. */
export function ServiceAccounts() {
  const accounts = useServiceAccounts();
  const may = useMay();
  const [isCreating, setCreating] = useState(false);
  const create = may("service_accounts.change") && (
    <Button leftSection={<PlusIcon size={16} aria-hidden />} onClick={() => setCreating(true)}>
      {t`New service account`}
    </Button>
  );
  return (
    <Panel
      title={t`Service accounts`}
      lead={t`A service account holds keys that go on when people leave: for what runs in production.`}
      flush
      actions={create}
    >
      <PagedTable
        label={t`Service accounts`}
        query={accounts}
        rowKey={(account) => account.id}
        columns={[
          {
            title: t`Name`,
            show: ({ name }) => (
              <Text span size="sm" fw={550}>
                {name}
              </Text>
            ),
          },
          { title: t`Made`, show: ({ created_at }) => <When at={created_at} relative /> },
          {
            title: t`Actions`,
            align: "right",
            place: "action",
            show: (account) => <Actions account={account} />,
          },
        ]}
        empty={
          <Empty icon={BotIcon} title={t`No service account yet`}>
            {t`Keys of members stop when they leave. Make one for each program that is to run on.`}
          </Empty>
        }
      />
      <FormDialog title={t`New service account`} opened={isCreating} onClose={() => setCreating(false)}>
        <CreateForm onClose={() => setCreating(false)} />
      </FormDialog>
    </Panel>
  );
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const here = useOrganisation();
  const queries = useQueryClient();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { name: "" },
    validate: { name: (name) => (name.trim() === "" ? t`Write what it is called.` : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ name }: typeof form.values) => {
    const path = { org: here?.id ?? "" };
    const body = { name: name.trim() };
    await unwrap(api().POST("/api/orgs/{org}/service-accounts", { params: { path }, body }));
    await queries.invalidateQueries({ queryKey: ["organisation"] });
    notifyDone(t`${{ body: body.name }} is made. Give it a key next.`);
    onClose();
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Create service account`}
      onCancel={onClose}
    >
      <TextInput
        label={t`Name`}
        placeholder={t`Production`}
        maxLength={100}
        data-autofocus
        key={form.key("name")}
        {...form.getInputProps("name")}
      />
    </DialogForm>
  );
}

function Actions({ account }: { account: ServiceAccount }) {
  const may = useMay();
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  const navigate = useNavigate();
  if (!may("service_accounts.change") || here === undefined) return null;
  const remove = async () => {
    const isSure = await confirm({
      title: t`Remove ${{ account: account.name }}?`,
      children: t`All its keys stop within seconds, for good. Programs that use them are refused.`,
      action: t`Remove service account`,
      danger: true,
    });
    if (!isSure) return;
    const path = { org: here.id, id: account.id };
    try {
      await unwrap(api().DELETE("/api/orgs/{org}/service-accounts/{id}", { params: { path } }));
      notifyDone(t`${{ account: account.name }} is removed.`);
    } catch (error) {
      notifyProblem(error, t`The service account was not removed`);
    }
    await refresh("service-accounts");
  };
  return (
    <RowMenu
      name={account.name}
      actions={[
        {
          label: t`Create a key for it`,
          icon: KeyRoundIcon,
          onClick: () => void navigate(`/keys/new?holder=${account.id}`),
        },
        { label: t`Remove`, icon: Trash2Icon, danger: true, onClick: () => void remove() },
      ]}
    />
  );
}

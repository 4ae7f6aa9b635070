import { t } from "@lingui/core/macro";
import { Alert, Button, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { useRefreshWallet } from "@/data/wallet";
import { CopyButton } from "@/kit/CopyButton";
import { Loaded } from "@/kit/Loaded";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { FormProblem } from "./FormProblem";

type Terms = Schema<"AlertSettingsAnswer">;

const KEY = ["alerts", "terms"];

/** When and where one is told. */
export function Alerts() {
  const terms = useQuery({ queryKey: KEY, queryFn: () => unwrap(api().GET("/api/wallet/alerts")) });
  return (
    <Panel
      title={t`Alerts`}
      lead={t`A mail when your balance is low, a budget is nearly used, a recharge fails, or a key is about to end.`}
    >
      <Loaded query={terms}>{(set) => <TermsForm terms={set} />}</Loaded>
    </Panel>
  );
}

/** An empty field is not set up. */
function TermsForm({ terms }: { terms: Terms }) {
  const queries = useQueryClient();
  const refreshWallet = useRefreshWallet();
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm({
    initialValues: { low_balance_usd: terms.low_balance_usd ?? "", webhook_url: terms.webhook_url ?? "" },
    validate: { low_balance_usd: (typed) => (typed.trim() === "" ? null : isUsd(typed)) },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const body = {
      low_balance_usd: values.low_balance_usd.trim() === "" ? null : parseUsd(values.low_balance_usd),
      webhook_url: values.webhook_url.trim() || null,
    };
    const set = await unwrap(api().PUT("/api/wallet/alerts", { body }));
    setSecret(set.webhook_secret);
    queries.setQueryData<Terms>(KEY, { ...set, webhook_secret: null });
    await refreshWallet();
    form.resetDirty();
    notifyDone(t`Your alerts are saved.`);
  });
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack maw={520}>
        <UsdInput
          label={t`Tell me when the balance is below`}
          description={t`Leave it empty to hear of everything but that.`}
          styles={{ wrapper: { maxWidth: 252 } }}
          {...form.getInputProps("low_balance_usd")}
        />
        <TextInput
          label={t`Webhook`}
          description={t`Alerts are sent to this address as well, signed. Leave it empty for mails alone.`}
          type="url"
          inputMode="url"
          placeholder="https://example.com/farebox"
          maxLength={2000}
          {...form.getInputProps("webhook_url")}
        />
        {secret !== null && (
          <Alert title={t`The webhook's secret`} role="status">
            <Text size="sm">{t`Check signatures with it. It is shown this once.`}</Text>
            <Group gap="xs" wrap="nowrap" mt="xs">
              <Code style={{ overflowWrap: "anywhere" }}>{secret}</Code>
              <CopyButton value={secret} what={t`secret`} />
            </Group>
          </Alert>
        )}
        <FormProblem problem={problem} />
        <Button
          type="submit"
          loading={isSending}
          disabled={!form.isDirty()}
          style={{ alignSelf: "flex-start" }}
        >
          {t`Save alerts`}
        </Button>
      </Stack>
    </form>
  );
}

import { t } from "@lingui/core/macro";
import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, unwrap } from "@/api/client";
import { useRefreshWallet } from "@/data/wallet";
import { formatUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import classes from "./BillingPage.module.css";
import { FormProblem } from "./FormProblem";
import { useRefreshLedger } from "./useLedger";

/** A code for credit. */
export function Redeem() {
  const refreshWallet = useRefreshWallet();
  const refreshLedger = useRefreshLedger();
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { code: "" },
    validate: { code: (text) => (text.trim() === "" ? t`Write the code.` : null) },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ code }: typeof form.values) => {
    const entry = await unwrap(api().POST("/api/wallet/redeem", { body: { code: code.trim() } }));
    form.reset();
    await Promise.all([refreshWallet(), refreshLedger()]);
    notifyDone(
      t`${{ amountUsd: formatUsd(entry.amount_usd, { exact: true }) }} of credit came to your wallet.`,
    );
  });
  return (
    <Panel title={t`Redeem a code`}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <div className={classes.inline}>
          <TextInput
            label={t`Code`}
            autoComplete="off"
            spellCheck={false}
            maxLength={100}
            key={form.key("code")}
            {...form.getInputProps("code")}
          />
          <Button type="submit" variant="default" className={classes.beside} loading={isSending}>
            {t`Redeem`}
          </Button>
        </div>
        <FormProblem problem={problem} />
      </form>
    </Panel>
  );
}

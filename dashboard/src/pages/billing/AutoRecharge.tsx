import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Group, Stack, Switch } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, type Schema, unwrap } from "@/api/client";
import { sayDecline } from "@/data/payments";
import { useRefreshWallet } from "@/data/wallet";
import { parseUsd } from "@/kit/money";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { isCharge, isChargeWithin, isUsd, UsdInput } from "@/kit/UsdInput";
import { useSubmit } from "@/kit/useSubmit";
import { When } from "@/kit/When";
import { FormProblem } from "./FormProblem";
import { useOffer } from "./useOffer";

type Terms = Schema<"AutoRechargeAnswer">;

/** Charging the saved card whenever the balance is low. `terms` is `null` where it was never set up. */
export function AutoRecharge({ terms }: { terms: Terms | null }) {
  const refreshWallet = useRefreshWallet();
  const offer = useOffer().data;
  const form = useForm({
    initialValues: {
      enabled: terms?.enabled ?? false,
      threshold_usd: terms?.threshold_usd ?? "5.00",
      amount_usd: terms?.amount_usd ?? "20.00",
    },
    validate: {
      threshold_usd: isUsd,
      amount_usd: (typed, { enabled }) =>
        enabled && offer !== undefined
          ? isChargeWithin(typed, offer.least_usd, offer.most_recharge_usd)
          : isCharge(typed),
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const body = {
      enabled: values.enabled,
      threshold_usd: parseUsd(values.threshold_usd) ?? "",
      amount_usd: parseUsd(values.amount_usd) ?? "",
    };
    await unwrap(api().PUT("/api/wallet/auto-recharge", { body }));
    await refreshWallet();
    form.resetDirty();
    notifyDone(values.enabled ? t`Auto-recharge is on.` : t`Auto-recharge is off.`);
  });
  return (
    <Panel
      title={t`Auto-recharge`}
      lead={t`Charges the card of your latest checkout when your balance is low, so that requests do not stop.`}
    >
      <Standing terms={terms} />
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack maw={520}>
          <Switch label={t`Recharge by itself`} {...form.getInputProps("enabled", { type: "checkbox" })} />
          <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
            <UsdInput
              label={t`When the balance is below`}
              miw={200}
              {...form.getInputProps("threshold_usd")}
            />
            <UsdInput label={t`Charge`} miw={200} {...form.getInputProps("amount_usd")} />
          </Group>
          <FormProblem problem={problem} />
          <Button
            type="submit"
            loading={isSending}
            disabled={!form.isDirty()}
            style={{ alignSelf: "flex-start" }}
          >
            {t`Save auto-recharge`}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}

function Standing({ terms }: { terms: Terms | null }) {
  if (terms === null) return null;
  const { off_reason, last_failure, retry_at, in_flight } = terms;
  if (off_reason !== null) {
    return (
      <Alert color="red" mb="md" title={t`It was turned off for you`}>
        <Trans>
          The last charge failed: {ph({ reason: sayDecline(off_reason) })}. Turn it on again once that is
          settled.
        </Trans>
      </Alert>
    );
  }
  if (in_flight) {
    return (
      <Alert color="gray" mb="md">
        {t`Your card is being charged now.`}
      </Alert>
    );
  }
  if (last_failure === null) return null;
  return (
    <Alert color="brass" mb="md" title={t`The last charge failed`}>
      <Trans>The reason: {ph({ reason: sayDecline(last_failure) })}.</Trans>{" "}
      {retry_at !== null && (
        <Trans>
          It is tried again from <When at={retry_at} /> on.
        </Trans>
      )}
    </Alert>
  );
}

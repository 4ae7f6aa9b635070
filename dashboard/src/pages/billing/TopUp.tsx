import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Badge, Button, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { compareUsd, formatUsd, parseUsd, sumUsd } from "@/kit/money";
import { notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { isChargeWithin, sayBounds, UsdInput } from "@/kit/UsdInput";
import { useOnce } from "@/kit/useOnce";
import { useSubmit } from "@/kit/useSubmit";
import classes from "./BillingPage.module.css";
import { goToCheckout } from "./checkout";
import { FormProblem } from "./FormProblem";
import { type Package, useOffer } from "./useOffer";

/** Packages, and any other amount. */
export function TopUp() {
  const offer = useOffer();
  return (
    <Panel title={t`Top up`} lead={t`You pay on our payment provider's page and come back here.`}>
      <Loaded query={offer} loading={<Loading as="tile" />}>
        {({ data, least_usd, most_usd }) => (
          <>
            {data.length > 0 && <Packages packages={data} />}
            <OtherAmount least={least_usd} most={most_usd} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Packages({ packages }: { packages: Package[] }) {
  const buy = useOnce({
    mutationFn: (id: string) => goToCheckout({ package: id }),
    onError: (error) => notifyProblem(error, t`The checkout did not open`),
  });
  return (
    <div className={classes.choices}>
      {packages.map(({ id, amount_usd, bonus_usd }) => {
        const hasBonus = compareUsd(bonus_usd, "0") > 0;
        return (
          <div key={id} className={classes.choice}>
            <div>
              <div className={`${classes.price} figures`}>{formatUsd(amount_usd, { exact: true })}</div>
              <Text size="sm" c="dimmed" mih="1.6em">
                {hasBonus
                  ? t`${{ credit: formatUsd(sumUsd([amount_usd, bonus_usd]), { exact: true }) }} of credit`
                  : t`The same in credit`}
              </Text>
            </div>
            {hasBonus ? (
              <Badge color="brass" variant="light" size="lg">
                <Trans>{ph({ bonusUsd: formatUsd(bonus_usd, { exact: true }) })} bonus</Trans>
              </Badge>
            ) : (
              <span style={{ flex: 1 }} />
            )}
            <Button
              mt="auto"
              loading={buy.isPending && buy.variables === id}
              disabled={buy.isPending && buy.variables !== id}
              onClick={() => buy.mutate(id)}
              aria-label={t`Pay ${{ amountUsd: formatUsd(amount_usd, { exact: true }) }}`}
            >
              <Trans>Pay {ph({ amountUsd: formatUsd(amount_usd, { exact: true }) })}</Trans>
            </Button>
          </div>
        );
      })}
    </div>
  );
}

function OtherAmount({ least, most }: { least: string; most: string }) {
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { amount_usd: "" },
    validate: { amount_usd: (typed) => isChargeWithin(typed, least, most) },
  });
  const { submit, problem, isSending } = useSubmit(form, async ({ amount_usd }: typeof form.values) => {
    await goToCheckout({ amount_usd: parseUsd(amount_usd) ?? "" });
  });
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate style={{ marginTop: "var(--mantine-spacing-lg)" }}>
      <div className={classes.inline}>
        <UsdInput
          label={t`Another amount`}
          description={sayBounds(least, most)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder="25"
          key={form.key("amount_usd")}
          {...form.getInputProps("amount_usd")}
        />
        <Button type="submit" variant="default" className={classes.beside} loading={isSending}>
          {t`Continue to payment`}
        </Button>
      </div>
      <FormProblem problem={problem} />
    </form>
  );
}

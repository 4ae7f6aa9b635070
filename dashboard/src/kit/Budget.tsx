import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Progress, Stack, Text } from "@mantine/core";
import type { Schema } from "@/api/client";
import { Money } from "./Money";
import { formatUsd, shareOfUsd } from "./money";

interface Props {
  budget: Pick<Schema<"BudgetAnswer">, "limit_usd" | "spent_usd">;
  /** Whose it is, for those who hear it. */
  name: string;
}

/** What is spent of a monthly budget. */
export function Budget({ budget, name }: Props) {
  const { limit_usd, spent_usd } = budget;
  if (limit_usd === null) return <Money usd={spent_usd} />;
  const share = shareOfUsd(spent_usd, limit_usd);
  return (
    <Stack gap={4} miw={130}>
      <Text span inherit style={{ whiteSpace: "nowrap" }}>
        <Money usd={spent_usd} />{" "}
        <Text span inherit c="dimmed">
          <Trans>of {ph({ limitUsd: formatUsd(limit_usd, { exact: true }) })}</Trans>
        </Text>
      </Text>
      <Progress
        value={share * 100}
        size="sm"
        color={share >= 1 ? "red" : share >= 0.8 ? "orange" : "fare"}
        aria-label={t`Budget of ${name}, spent`}
      />
    </Stack>
  );
}

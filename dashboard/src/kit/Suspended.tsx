import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Anchor, Text } from "@mantine/core";
import { BanIcon } from "lucide-react";
import { asProblem } from "@/api/problem";
import { useSignInOptions } from "@/data/signInOptions";

export const SUSPENDED = "account_suspended";

/** Whether something failed because the account is suspended: trying again is no use. */
export function isSuspended(error: unknown): boolean {
  return error != null && asProblem(error).code === SUSPENDED;
}

/** What a suspended person should know where content would be. */
export function Suspended() {
  return (
    <Alert color="red" icon={<BanIcon />} title={t`Your account is suspended`} role="alert">
      <Text size="sm">
        <Trans>
          All requests are refused, and nothing is lost. <WhomToAsk />
        </Trans>
      </Text>
    </Alert>
  );
}

/** Whom to turn to: the operator's address where one is configured. */
export function WhomToAsk() {
  const support = useSignInOptions().data?.support_email;
  if (!support) return t`Ask whoever runs this service.`;
  return (
    <Trans>
      Write to{" "}
      <Anchor href={`mailto:${support}`} inherit underline="always">
        {support}
      </Anchor>
      .
    </Trans>
  );
}

import { t } from "@lingui/core/macro";
import { Alert, Button, Stack, Text } from "@mantine/core";
import { CoinsIcon, TriangleAlertIcon } from "lucide-react";
import { Link } from "react-router";
import { SUSPENDED, WhomToAsk } from "@/kit/Suspended";
import type { Message } from "./store";

interface Way {
  title: string;
  to?: string;
  action?: string;
}

/** What stopped an answer, in a person's words. The details are the API's own. */
const WAYS: Record<string, Way> = {
  credit_balance_exhausted: { title: t`Your balance does not cover this`, to: "/billing", action: t`Top up` },
  user_budget_exceeded: {
    title: t`Your budget for this month is used up`,
    to: "/billing",
    action: t`See billing`,
  },
  key_budget_exceeded: {
    title: t`The budget of your chat key is used up`,
    to: "/keys",
    action: t`Change its budget`,
  },
  account_suspended: { title: t`Your account is suspended` },
  model_not_allowed: { title: t`You may not use this model`, to: "/keys", action: t`See your keys` },
  unreachable: { title: t`The server cannot be reached` },
};

export function ProblemNote({ problem }: { problem: NonNullable<Message["problem"]> }) {
  const way: Way = WAYS[problem.code] ?? {
    title:
      problem.status === 402
        ? t`This answer is not paid for`
        : problem.status === 429
          ? t`That was a little fast`
          : t`The model did not answer to the end`,
  };
  const isMoney = problem.status === 402;
  return (
    <Alert
      mt="xs"
      color={isMoney ? "brass" : "red"}
      variant="light"
      icon={isMoney ? <CoinsIcon /> : <TriangleAlertIcon />}
      title={way.title}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{problem.code === SUSPENDED ? <WhomToAsk /> : problem.message}</Text>
        {way.to !== undefined && (
          <Button component={Link} to={way.to} size="xs">
            {way.action}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

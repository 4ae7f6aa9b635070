import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import { asProblem } from "@/api/problem";
import { isSuspended, Suspended } from "./Suspended";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong where content should be, with the id that support asks for and a way to try again. */
export function Failure({ error, onRetry }: Props) {
  const problem = asProblem(error);
  if (isSuspended(problem)) return <Suspended />;
  return (
    <Alert color="red" icon={<TriangleAlertIcon />} title={t`This could not be loaded`} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.message}</Text>
        {problem.requestId !== null && (
          <Text size="xs">
            <Trans>
              Request <Code>{ph({ requestId: problem.requestId })}</Code>
            </Trans>
          </Text>
        )}
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t`Try again`}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

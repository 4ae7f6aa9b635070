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
    <Alert color="red" icon={<TriangleAlertIcon />} title="This could not be loaded" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.message}</Text>
        {problem.requestId !== null && (
          <Text size="xs">
            Request <Code>{problem.requestId}</Code>
          </Text>
        )}
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

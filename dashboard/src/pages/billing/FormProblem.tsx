import { Text } from "@mantine/core";

/** What went wrong with a form and belongs to none of its fields. */
export function FormProblem({ problem }: { problem: string | null }) {
  if (problem === null) return null;
  return (
    <Text c="var(--mantine-color-error)" size="sm" role="alert" mt="xs">
      {problem}
    </Text>
  );
}

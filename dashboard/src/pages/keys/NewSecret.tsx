import { Alert, Button, Code, Group, Stack } from "@mantine/core";
import { EyeOffIcon } from "lucide-react";
import type { Schema } from "@/api/client";
import { CopyButton } from "@/kit/CopyButton";
import classes from "./NewSecret.module.css";
import { Snippets } from "./Snippets";

interface Props {
  apiKey: Schema<"KeyWithSecret">;
  onDone: () => void;
}

/** A key's secret, this once, and the first request with it. */
export function NewSecret({ apiKey, onDone }: Props) {
  return (
    <Stack>
      <Alert color="orange" variant="light" icon={<EyeOffIcon />} title="Copy it now">
        It is shown this once. Farebox keeps no copy, so nobody can tell it again.
      </Alert>
      <div className={classes.secret}>
        <Code block aria-label="The key" className={classes.key}>
          {apiKey.key}
        </Code>
        <CopyButton value={apiKey.key} what="key" wide />
      </div>
      <Snippets secret={apiKey.key} models={apiKey.models} />
      <Group justify="flex-end">
        <Button onClick={onDone}>I have copied it</Button>
      </Group>
    </Stack>
  );
}

import { t } from "@lingui/core/macro";
import { Alert, Button, Code, Group, Stack } from "@mantine/core";
import { EyeOffIcon } from "lucide-react";
import type { Schema } from "@/api/client";
import { useSuggestedModel } from "@/data/models";
import { CopyButton } from "@/kit/CopyButton";
import { Snippets } from "@/kit/snippets/Snippets";
import classes from "./NewSecret.module.css";

interface Props {
  apiKey: Schema<"KeyWithSecret">;
  onDone: () => void;
}

/** A key's secret, this once, and the first request with it. */
export function NewSecret({ apiKey, onDone }: Props) {
  const suggested = useSuggestedModel(apiKey.models);
  return (
    <Stack>
      <Alert color="orange" variant="light" icon={<EyeOffIcon />} title={t`Copy it now`}>
        {t`It is shown this once. Farebox keeps no copy, so nobody can tell it again.`}
      </Alert>
      <div className={classes.secret}>
        <Code block aria-label={t`The key`} className={classes.key}>
          {apiKey.key}
        </Code>
        <CopyButton value={apiKey.key} what={t`key`} wide />
      </div>
      <Snippets secret={apiKey.key} {...suggested} />
      <Group justify="flex-end">
        <Button onClick={onDone}>{t`I have copied it`}</Button>
      </Group>
    </Stack>
  );
}

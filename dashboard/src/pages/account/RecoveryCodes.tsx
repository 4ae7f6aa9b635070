import { t } from "@lingui/core/macro";
import { Alert, Button, Code, Group, Modal, Stack, Text } from "@mantine/core";
import { DownloadIcon, EyeOffIcon } from "lucide-react";
import { CopyButton } from "@/kit/CopyButton";
import { saveFile } from "@/kit/saveFile";
import classes from "./RecoveryCodes.module.css";

interface Props {
  /** `null`: there is nothing to show. */
  codes: string[] | null;
  onClose: () => void;
}

/** Codes for recovery, this once. */
export function RecoveryCodes({ codes, onClose }: Props) {
  const text = codes?.join("\n") ?? "";
  return (
    <Modal
      opened={codes !== null}
      onClose={onClose}
      title={
        <Text component="span" fw={620} fz="lg">
          {t`Your codes for recovery`}
        </Text>
      }
      closeOnClickOutside={false} // what is shown once is not lost by a slip
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="orange" variant="light" icon={<EyeOffIcon />} title={t`Keep them now`}>
          {t`They are shown this once. If your second factor is lost, one of them lets you in; each works once.`}
        </Alert>
        <ol className={classes.codes} aria-label={t`Codes for recovery`}>
          {codes?.map((code) => (
            <li key={code}>
              <Code>{code}</Code>
            </li>
          ))}
        </ol>
        <Group>
          <CopyButton value={text} what={t`codes`} wide />
          <Button
            variant="default"
            leftSection={<DownloadIcon size={16} aria-hidden />}
            onClick={() =>
              saveFile(new Blob([`${text}\n`], { type: "text/plain" }), "farebox-recovery-codes.txt")
            }
          >
            {t`Save as a file`}
          </Button>
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t`I have kept them`}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

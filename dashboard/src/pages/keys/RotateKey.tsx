import { t } from "@lingui/core/macro";
import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { type Key, useRefreshKeys } from "@/data/keys";
import { notifyProblem } from "@/kit/notify";
import { useOnce } from "@/kit/useOnce";
import { NewSecret } from "./NewSecret";

const GRACES = [
  { seconds: 0, label: t`It ends now`, told: t`For a secret that may have leaked.` },
  { seconds: 3_600, label: t`It works for one more hour`, told: undefined },
  { seconds: 86_400, label: t`It works for one more day`, told: t`Time to change over without a gap.` },
  { seconds: 604_800, label: t`It works for one more week`, told: undefined },
];

interface Props {
  apiKey: Key;
  opened: boolean;
  onClose: () => void;
}

/** Gives a key a new secret, and its old one time to be replaced. */
export function RotateKey({ apiKey, opened, onClose }: Props) {
  const [made, setMade] = useState<Schema<"KeyWithSecret"> | null>(null);
  const [grace, setGrace] = useState("86400");
  const refreshKeys = useRefreshKeys();
  const rotate = useOnce({
    mutationFn: () => {
      const params = { path: { id: apiKey.id } };
      const body = { grace_seconds: Number(grace) };
      return unwrap(api().POST("/api/keys/{id}/rotate", { params, body }));
    },
    onSuccess: (key) => {
      setMade(key);
      void refreshKeys();
    },
    onError: (error) => notifyProblem(error, t`The key was not rotated`),
  });
  const close = () => {
    setMade(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={
        <Text fw={620} fz="lg">
          {made === null
            ? t`Rotate "${{ apiKey: apiKey.name }}"`
            : t`The new secret of "${{ made: made.name }}"`}
        </Text>
      }
      closeOnClickOutside={made === null}
      closeOnEscape={made === null}
    >
      {made === null ? (
        <Stack>
          <Text size="sm">{t`The key gets a new secret; its limits and its usage stay.`}</Text>
          <Radio.Group label={t`What happens to the old secret`} value={grace} onChange={setGrace}>
            <Stack gap="xs" mt="xs">
              {GRACES.map(({ seconds, label, told }) => (
                <Radio key={seconds} value={String(seconds)} label={label} description={told} />
              ))}
            </Stack>
          </Radio.Group>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t`Cancel`}
            </Button>
            <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
              {t`Rotate key`}
            </Button>
          </Group>
        </Stack>
      ) : (
        <NewSecret apiKey={made} onDone={close} />
      )}
    </Modal>
  );
}

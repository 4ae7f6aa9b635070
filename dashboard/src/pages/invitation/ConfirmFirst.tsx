import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Button, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { MailCheckIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { notifyProblem } from "@/kit/notify";
import { useOnce } from "@/kit/useOnce";

/** What comes before an invitation opens: the proof that the address is one's own. */
export function ConfirmFirst({ email }: { email: string }) {
  const queries = useQueryClient();
  const send = useOnce({
    mutationFn: () => unwrap(api().POST("/api/auth/verify-email")),
    onError: (error) => notifyProblem(error, t`The mail was not sent`),
  });
  return (
    <Stack gap="sm">
      <Text>
        <Trans>
          Confirm first that <b style={{ overflowWrap: "anywhere" }}>{email}</b> is yours: open the link that
          we send you, in this browser. The invitation waits.
        </Trans>
      </Text>
      {send.isSuccess && (
        <Alert icon={<MailCheckIcon />} role="status">
          {t`A mail is on its way.`}
        </Alert>
      )}
      <Button size="md" loading={send.isPending} onClick={() => send.mutate()}>
        {send.isSuccess ? t`Send it again` : t`Send the confirmation mail`}
      </Button>
      <Button
        size="md"
        variant="default"
        onClick={() => void queries.invalidateQueries({ queryKey: ["me"] })}
      >
        {t`I have confirmed it`}
      </Button>
    </Stack>
  );
}

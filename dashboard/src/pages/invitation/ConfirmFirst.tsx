import { Alert, Button, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { MailCheckIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { notifyProblem } from "@/kit/notify";

/** What comes before an invitation opens: the proof that the address is one's own. */
export function ConfirmFirst({ email }: { email: string }) {
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => unwrap(api().POST("/api/auth/verify-email")),
    onError: (error) => notifyProblem(error, "The mail was not sent"),
  });
  return (
    <Stack gap="sm">
      <Text>
        Confirm first that <b style={{ overflowWrap: "anywhere" }}>{email}</b> is yours: open the link that we
        send you, in this browser. The invitation waits.
      </Text>
      {send.isSuccess && (
        <Alert icon={<MailCheckIcon />} role="status">
          {send.data.message}
        </Alert>
      )}
      <Button size="md" loading={send.isPending} onClick={() => send.mutate()}>
        {send.isSuccess ? "Send it again" : "Send the confirmation mail"}
      </Button>
      <Button
        size="md"
        variant="default"
        onClick={() => void queries.invalidateQueries({ queryKey: ["me"] })}
      >
        I have confirmed it
      </Button>
    </Stack>
  );
}

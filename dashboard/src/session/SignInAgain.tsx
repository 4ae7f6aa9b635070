import { t } from "@lingui/core/macro";
import { Button, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMe } from "@/data/me";
import { SignInForm } from "@/pages/sign-in/SignInForm";
import { session } from "./session";

/** Over the page whose session has ended: signing in again goes on where one was, with what was typed still there. */
export default function SignInAgain() {
  const me = useMe();
  const queries = useQueryClient();
  // What failed meanwhile is asked for again, once there is a session.
  useEffect(() => () => void queries.invalidateQueries(), [queries]);
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={300} // over a dialog that was open when it ended
      title={
        <Text component="span" fw={620} fz="lg">
          {t`Your session has ended`}
        </Text>
      }
    >
      <Stack>
        <Text size="sm">
          {t`It was ended elsewhere, or has not been used for long. Sign in and go on where you were: what you have written is kept.`}
        </Text>
        <SignInForm email={me.data?.email} />
        <Button variant="subtle" onClick={() => session.end()}>
          {t`Leave, and forget this page`}
        </Button>
      </Stack>
    </Modal>
  );
}

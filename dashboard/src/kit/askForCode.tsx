import { Button, Stack, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";

/** Ask for a second factor once more. `show` sends the code, and throws where it is not right. Answers whether it was. */
export function askForCode(show: (code: string) => Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const id = modals.open({
      title: "Show your second factor",
      children: (
        <CodeForm
          show={show}
          onShown={() => {
            resolve(true);
            modals.close(id);
          }}
        />
      ),
      onClose: () => resolve(false), // after it was shown it changes nothing
    });
  });
}

interface Props {
  show: (code: string) => Promise<void>;
  onShown: () => void;
}

function CodeForm({ show, onShown }: Props) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSending(true);
    try {
      await show(code.trim());
      onShown();
    } catch (error) {
      setProblem(asProblem(error).message);
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">This takes the code of your authenticator app, or one for recovery.</Text>
        <TextInput
          label="Code"
          autoComplete="one-time-code"
          data-autofocus
          value={code}
          error={problem}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={isSending} disabled={code.trim() === ""}>
          Go on
        </Button>
      </Stack>
    </form>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Checkbox, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { DownloadIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { Problem } from "@/api/problem";
import type { Me } from "@/data/me";
import { DialogForm, FormDialog } from "@/kit/FormDialog";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { saveFile } from "@/kit/saveFile";
import { useOnce } from "@/kit/useOnce";
import { useSubmit } from "@/kit/useSubmit";
import { session } from "@/session/session";

/** All that is kept of one, as a file; and its end. */
export function OwnData({ person }: { person: Me }) {
  const [isErasing, setErasing] = useState(false);
  const download = useOnce({
    mutationFn: async () => {
      const file = (await unwrap(api().GET("/api/auth/export", { parseAs: "text" }))) as unknown as string;
      if (!file.endsWith('{"complete":true}\n')) {
        throw new Problem(t`The file was cut off. Try again.`, 0, "cut_off");
      }
      saveFile(new Blob([file], { type: "application/x-ndjson" }), "farebox-export.jsonl");
    },
    onError: (error) => notifyProblem(error, t`The file was not made`),
  });
  return (
    <>
      <Panel
        title={t`Export`}
        lead={t`All that is kept of you, in one file: profile, keys without their secrets, requests, money, sessions.`}
      >
        <Button
          variant="default"
          mt="xs"
          leftSection={<DownloadIcon size={16} aria-hidden />}
          loading={download.isPending}
          onClick={() => download.mutate()}
        >
          {t`Download my data`}
        </Button>
      </Panel>
      <Panel
        title={t`Erase the account`}
        lead={t`For good: your keys stop and your plan ends at once, your credit is lost, and everything personal goes. The ledger is kept under an id that names nobody.`}
      >
        <Button variant="light" color="red" mt="xs" onClick={() => setErasing(true)}>
          {t`Erase my account`}
        </Button>
        <FormDialog title={t`Erase your account?`} opened={isErasing} onClose={() => setErasing(false)}>
          <EraseForm person={person} onClose={() => setErasing(false)} />
        </FormDialog>
      </Panel>
    </>
  );
}

function EraseForm({ person, onClose }: { person: Me; onClose: () => void }) {
  const form = useForm({
    initialValues: { email: "", isSure: false },
    validate: {
      email: (email) =>
        email.trim().toLowerCase() === person.email.toLowerCase()
          ? null
          : t`Write ${{ email: person.email }}, to be sure.`,
      isSure: (isSure) => (isSure ? null : t`This cannot be undone.`),
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (_: typeof form.values) => {
    const { message } = await unwrap(api().DELETE("/api/auth/me"));
    onClose();
    session.end();
    notifyDone(message);
  });
  return (
    <DialogForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={t`Erase it for good`}
      danger
      onCancel={onClose}
    >
      <Text size="sm">
        {t`Organisations whose last owner you are must get another, or end, first. You may want to download your data before.`}
      </Text>
      <TextInput
        label={t`Your e-mail address`}
        autoComplete="off"
        data-autofocus
        {...form.getInputProps("email")}
      />
      <Checkbox
        label={t`I know that this cannot be undone, and that my credit is lost`}
        {...form.getInputProps("isSure", { type: "checkbox" })}
      />
    </DialogForm>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { useRefreshKeys } from "@/data/keys";
import { useZone } from "@/data/me";
import { useSubmit } from "@/kit/useSubmit";
import { BelongingFields } from "./BelongingFields";
import { NewSecret } from "./NewSecret";
import { TermsFields } from "./TermsFields";
import { type Belonging, belongingOf, NO_TERMS, RULES, type Terms, toBody } from "./terms";

type Made = Schema<"KeyWithSecret">;

/** The dialog that makes a key, and then shows its secret this once. */
export function CreateKey({ opened }: { opened: boolean }) {
  const navigate = useNavigate();
  const [made, setMade] = useState<Made | null>(null);
  const close = () => {
    void navigate(made === null ? "/keys" : `/keys/${made.id}`, { replace: true });
    setMade(null);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={
        <Text fw={620} fz="lg">
          {made === null ? t`Create a key` : t`Your key "${{ made: made.name }}"`}
        </Text>
      }
      closeOnClickOutside={false} // a secret that is shown once is not lost by a slip
      closeOnEscape={made === null}
    >
      {made === null ? (
        <CreateForm onMade={setMade} onCancel={close} />
      ) : (
        <NewSecret apiKey={made} onDone={close} />
      )}
    </Modal>
  );
}

function CreateForm({ onMade, onCancel }: { onMade: (key: Made) => void; onCancel: () => void }) {
  const zone = useZone();
  const refreshKeys = useRefreshKeys();
  const [search] = useSearchParams();
  const holder = search.get("holder"); // a service account, whose page leads here
  const [belonging, setBelonging] = useState<Belonging>({
    holder: holder === null ? null : `service_account:${holder}`,
    project: null,
  });
  const form = useForm<Terms>({ initialValues: NO_TERMS, validate: RULES });
  const { submit, problem, isSending } = useSubmit(form, async (terms: Terms) => {
    const made = await unwrap(
      api().POST("/api/keys", { body: { ...toBody(terms, zone), ...belongingOf(belonging) } }),
    );
    onMade(made);
    void refreshKeys();
  });
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack>
        <TermsFields form={form} />
        <BelongingFields value={belonging} onChange={setBelonging} errors={form.errors} />
        {problem !== null && (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {problem}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t`Cancel`}
          </Button>
          <Button type="submit" loading={isSending}>
            {t`Create key`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

import { t } from "@lingui/core/macro";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { keyState } from "@/data/keyState";
import type { Key } from "@/data/keys";
import { useZone } from "@/data/me";
import { useMay } from "@/data/organisations";
import { notifyDone } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { useSubmit } from "@/kit/useSubmit";
import { TermsFields } from "./TermsFields";
import { changed, fromKey, RULES, type Terms, toBody } from "./terms";

/** A key's name and limits, to be changed. */
export function ChangeTerms({ apiKey }: { apiKey: Key }) {
  const zone = useZone();
  const queries = useQueryClient();
  const initial = fromKey(apiKey, zone);
  const form = useForm<Terms>({ initialValues: initial, validate: RULES });
  const { submit, problem, isSending } = useSubmit(form, async (terms: Terms) => {
    const body = changed(toBody(initial, zone), toBody(terms, zone));
    const path = { id: apiKey.id };
    const key = await unwrap(api().PATCH("/api/keys/{id}", { params: { path }, body }));
    queries.setQueryData(["keys", apiKey.id], key);
    void queries.invalidateQueries({ queryKey: ["keys"] });
    form.resetDirty(terms);
    notifyDone(t`Saved. It holds everywhere within seconds.`);
  });
  const mayChange = useMay()("keys.change");
  const isRevoked = keyState(apiKey) === "revoked";
  const isOver = isRevoked || !mayChange;
  return (
    <Panel
      title={t`What it may do`}
      lead={isRevoked ? t`It is revoked: nothing can be changed any more.` : undefined}
    >
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <fieldset disabled={isOver} style={{ border: 0, margin: 0, padding: 0 }}>
          <Stack>
            <TermsFields form={form} />
            {problem !== null && (
              <Text c="var(--mantine-color-error)" size="sm" role="alert">
                {problem}
              </Text>
            )}
            <Group>
              <Button type="submit" loading={isSending} disabled={isOver || !form.isDirty()}>
                {t`Save changes`}
              </Button>
            </Group>
          </Stack>
        </fieldset>
      </form>
    </Panel>
  );
}

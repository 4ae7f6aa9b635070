import { t } from "@lingui/core/macro";
import { Checkbox, Fieldset, PasswordInput, SimpleGrid, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { api, type Schema, unwrap } from "@/api/client";
import { notifyDone } from "@/kit/notify";
import { useSubmit } from "@/kit/useSubmit";
import { isSlug, orNull, parseWhole } from "../parts/rules";
import { Sheet, SheetForm } from "../parts/Sheet";
import { useChange } from "../parts/useChange";
import { isModels, parseLines, toLines } from "./models";
import { isRest, readRest, restChange, restOf, writeRest } from "./rest";
import { type Terms, type Upstream, useChangeUpstream } from "./upstreams";

interface Props {
  /** The upstream to change; without one, another is added. */
  upstream?: Upstream;
  opened: boolean;
  onClose: () => void;
}

/** Add an upstream, or change one. */
export function UpstreamForm({ upstream, opened, onClose }: Props) {
  return (
    <Sheet
      title={upstream === undefined ? t`Add an upstream` : t`Change ${{ upstream: upstream.id }}`}
      opened={opened}
      onClose={onClose}
    >
      <Fields upstream={upstream} onClose={onClose} />
    </Sheet>
  );
}

function Fields({ upstream, onClose }: Omit<Props, "opened">) {
  const go = useNavigate();
  const change = useChangeUpstream();
  const create = useChange((body: Schema<"NewUpstream">, headers) =>
    unwrap(api().POST("/api/admin/upstreams", { body, headers })),
  );
  const before = restOf(upstream);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: {
      id: upstream?.id ?? "",
      base_url: upstream?.base_url ?? "",
      api_key: "",
      without_key: false,
      models: upstream === undefined ? "" : toLines(upstream.models),
      priority: asText(upstream?.priority),
      weight: asText(upstream?.weight),
      connect_timeout_s: asText(upstream?.connect_timeout_s),
      timeout_s: asText(upstream?.timeout_s),
      idle_timeout_s: asText(upstream?.idle_timeout_s),
      cap_field: upstream?.cap_field ?? "",
      rest: writeRest(before),
    },
    validate: {
      id: isSlug,
      base_url: (typed) =>
        typed.trim() === "" ? t`Write its address, like https://api.openai.com/v1.` : null,
      models: isModels,
      priority: isOptionalRank,
      weight: isOptionalRank,
      connect_timeout_s: isOptionalSeconds,
      timeout_s: isOptionalSeconds,
      idle_timeout_s: isOptionalSeconds,
      rest: isRest,
    },
  });
  const { submit, problem, isSending } = useSubmit(form, async (values: typeof form.values) => {
    const read = parseLines(values.models);
    const terms = {
      ...restChange(before, readRest(values.rest) ?? {}),
      base_url: values.base_url.trim(),
      models: "models" in read ? read.models : {},
      priority: parseWhole(values.priority),
      weight: parseWhole(values.weight),
      connect_timeout_s: parseSeconds(values.connect_timeout_s),
      timeout_s: parseSeconds(values.timeout_s),
      idle_timeout_s: parseSeconds(values.idle_timeout_s),
      cap_field: orNull(values.cap_field),
      ...(values.without_key ? { api_key: null } : values.api_key ? { api_key: values.api_key.trim() } : {}),
    } satisfies Terms;
    if (upstream !== undefined) {
      await change.mutateAsync({ id: upstream.id, terms });
      notifyDone(t`${{ upstream: upstream.id }} is changed. Instances follow within 15 seconds.`);
      onClose();
      return;
    }
    const made = await create.mutateAsync({
      ...terms,
      id: values.id.trim(),
      enabled: true,
    } as Schema<"NewUpstream">);
    notifyDone(t`${{ made: made.id }} is added. Instances follow within 15 seconds.`);
    onClose();
    void go(`/admin/upstreams/${encodeURIComponent(made.id)}`);
  });
  const hasKey = upstream?.has_api_key === true;
  return (
    <SheetForm
      onSubmit={form.onSubmit(submit)}
      problem={problem}
      isSending={isSending}
      action={upstream === undefined ? t`Add upstream` : t`Save upstream`}
      onCancel={onClose}
    >
      {upstream === undefined && (
        <TextInput
          label={t`Id`}
          description={t`How it is called here, and in receipts`}
          data-autofocus
          key={form.key("id")}
          {...form.getInputProps("id")}
        />
      )}
      <TextInput
        label={t`Address`}
        description={t`Where its API begins`}
        placeholder="https://api.openai.com/v1"
        inputMode="url"
        key={form.key("base_url")}
        {...form.getInputProps("base_url")}
      />
      <PasswordInput
        label={hasKey ? t`New API key` : t`API key`}
        description={
          hasKey
            ? t`It has one, which is stored sealed and never shown. Empty: it stays.`
            : t`Optional. Stored sealed, and never shown.`
        }
        autoComplete="off"
        key={form.key("api_key")}
        {...form.getInputProps("api_key")}
      />
      {hasKey && (
        <Checkbox
          label={t`Forget its API key`}
          key={form.key("without_key")}
          {...form.getInputProps("without_key", { type: "checkbox" })}
        />
      )}
      <Textarea
        label={t`Models`}
        description={t`One a line: the name that clients use, and = the upstream's own name where that is another.`}
        placeholder={"gpt-5-mini\nllama = meta-llama/Llama-3.3-70B"}
        autosize
        minRows={3}
        maxRows={12}
        spellCheck={false}
        key={form.key("models")}
        {...form.getInputProps("models")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          label={t`Priority`}
          description={t`Lower is tried first`}
          placeholder="0"
          inputMode="numeric"
          key={form.key("priority")}
          {...form.getInputProps("priority")}
        />
        <TextInput
          label={t`Weight`}
          description={t`Its share among equals`}
          placeholder="1"
          inputMode="numeric"
          key={form.key("weight")}
          {...form.getInputProps("weight")}
        />
      </SimpleGrid>
      <Fieldset legend={t`Longest waits, in seconds`}>
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <TextInput
            label={t`To connect`}
            placeholder="5"
            inputMode="decimal"
            key={form.key("connect_timeout_s")}
            {...form.getInputProps("connect_timeout_s")}
          />
          <TextInput
            label={t`First answer`}
            placeholder="120"
            inputMode="decimal"
            key={form.key("timeout_s")}
            {...form.getInputProps("timeout_s")}
          />
          <TextInput
            label={t`Silence`}
            placeholder="60"
            inputMode="decimal"
            key={form.key("idle_timeout_s")}
            {...form.getInputProps("idle_timeout_s")}
          />
        </SimpleGrid>
      </Fieldset>
      <TextInput
        label={t`Field that caps an answer`}
        description={t`Which request field bounds the completion. Empty: the usual one for this address.`}
        placeholder="max_tokens"
        key={form.key("cap_field")}
        {...form.getInputProps("cap_field")}
      />
      <Textarea
        label={t`Other settings`}
        description={t`As JSON, by the names of the API: speaks, auth, headers, query, pass_fields, drop_fields, and whatever else an upstream may have. A secret that is not told is null, and stays.`}
        placeholder={'{"speaks": ["chat", "messages"]}'}
        autosize
        minRows={2}
        maxRows={14}
        spellCheck={false}
        key={form.key("rest")}
        {...form.getInputProps("rest")}
      />
    </SheetForm>
  );
}

function asText(value: number | null | undefined): string {
  return value == null ? "" : String(value);
}

function isOptionalRank(typed: string): string | null {
  return /^\s*\d{0,4}\s*$/.test(typed) ? null : t`Write a whole number up to 1000.`;
}

function isOptionalSeconds(typed: string): string | null {
  const seconds = parseSeconds(typed);
  return seconds === null || (seconds > 0 && seconds <= 3600) ? null : t`Write seconds, up to 3600.`;
}

function parseSeconds(typed: string): number | null {
  return typed.trim() === "" ? null : Number(typed);
}

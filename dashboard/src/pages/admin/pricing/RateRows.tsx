import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Fieldset, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { PlusIcon, Trash2Icon } from "lucide-react";
import { UsdInput } from "@/kit/UsdInput";
import { NO_RATES, type Typed } from "./entry";

const MOST = 10; // that the API takes
const FIRST = { tiers: "above_prompt_tokens", service_tiers: "name" } as const;
const EMPTY = {
  tiers: { ...NO_RATES, above_prompt_tokens: "" },
  service_tiers: { ...NO_RATES, name: "" },
};

interface Props {
  form: UseFormReturnType<Typed & { model: string }>;
  /** Which of the form's lists it is. */
  list: "tiers" | "service_tiers";
  legend: string;
  /** The label of what tells one from the others: how long a prompt is, or how a tier is called. */
  first: string;
  /** What is so where there are none. */
  none: string;
  action: string;
  /** How the button is called that takes one away. */
  sayRemove: (first: string) => string;
}

/** Rates that a price has beside its own, a row each. */
export function RateRows({ form, list, legend, first, none, action, sayRemove }: Props) {
  const rows = form.getValues()[list];
  return (
    <Fieldset legend={legend}>
      <Stack gap="sm">
        {rows.length === 0 && (
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        )}
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is nothing but its place in the form
          <Group key={index} gap="sm" align="flex-start" wrap="nowrap">
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" flex={1}>
              <TextInput
                label={first}
                inputMode={list === "tiers" ? "numeric" : undefined}
                {...form.getInputProps(`${list}.${index}.${FIRST[list]}`)}
              />
              <UsdInput label={t`Input`} {...form.getInputProps(`${list}.${index}.input_usd_per_1m`)} />
              <UsdInput
                label={t`Cached input`}
                placeholder={t`Follows input`}
                {...form.getInputProps(`${list}.${index}.cached_input_usd_per_1m`)}
              />
              <UsdInput label={t`Output`} {...form.getInputProps(`${list}.${index}.output_usd_per_1m`)} />
            </SimpleGrid>
            <ActionIcon
              mt={26}
              size="lg"
              variant="subtle"
              color="gray"
              aria-label={sayRemove(("name" in row ? row.name : row.above_prompt_tokens) || "…")}
              onClick={() => form.removeListItem(list, index)}
            >
              <Trash2Icon size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {rows.length < MOST && (
          <Group>
            <Button
              size="xs"
              variant="default"
              leftSection={<PlusIcon size={15} aria-hidden />}
              onClick={() => form.insertListItem(list, EMPTY[list])}
            >
              {action}
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

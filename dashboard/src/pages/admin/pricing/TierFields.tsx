import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Fieldset, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { PlusIcon, Trash2Icon } from "lucide-react";
import { UsdInput } from "@/kit/UsdInput";
import { NO_TIER, type Typed } from "./entry";

const MOST = 10; // that the API takes

/** What requests cost, all of them, whose prompt is longer than so many tokens. */
export function TierFields({ form }: { form: UseFormReturnType<Typed & { model: string }> }) {
  const { tiers } = form.getValues();
  return (
    <Fieldset legend={t`Longer prompts`}>
      <Stack gap="sm">
        {tiers.length === 0 && (
          <Text size="sm" c="dimmed">
            {t`Prompts of every length cost the same.`}
          </Text>
        )}
        {tiers.map((tier, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a tier is nothing but its place in the form
          <Group key={index} gap="sm" align="flex-start" wrap="nowrap">
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" flex={1}>
              <TextInput
                label={t`Above so many tokens`}
                inputMode="numeric"
                {...form.getInputProps(`tiers.${index}.above_prompt_tokens`)}
              />
              <UsdInput label={t`Input`} {...form.getInputProps(`tiers.${index}.input_usd_per_1m`)} />
              <UsdInput label={t`Output`} {...form.getInputProps(`tiers.${index}.output_usd_per_1m`)} />
            </SimpleGrid>
            <ActionIcon
              mt={26}
              size="lg"
              variant="subtle"
              color="gray"
              aria-label={t`Take away the tier above ${{ tokens: tier.above_prompt_tokens || "…" }} tokens`}
              onClick={() => form.removeListItem("tiers", index)}
            >
              <Trash2Icon size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {tiers.length < MOST && (
          <Group>
            <Button
              size="xs"
              variant="default"
              leftSection={<PlusIcon size={15} aria-hidden />}
              onClick={() => form.insertListItem("tiers", { ...NO_TIER })}
            >
              {t`Add a tier`}
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

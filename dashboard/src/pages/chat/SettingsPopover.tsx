import { t } from "@lingui/core/macro";
import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  NumberInput,
  Popover,
  Stack,
  Textarea,
  Tooltip,
} from "@mantine/core";
import { SlidersHorizontalIcon } from "lucide-react";
import type { Settings } from "./store";

interface Props {
  settings: Settings;
  onChange: (changes: Partial<Settings>) => void;
}

const MOST_SYSTEM = 20_000;
const MOST_TOKENS = 1_000_000;

/** How the model is to answer, in this conversation. */
export function SettingsPopover({ settings, onChange }: Props) {
  const { system, temperature, maxTokens } = settings;
  const isChanged = system !== "" || temperature !== null || maxTokens !== null;
  return (
    <Popover width={320} position="top-start" trapFocus withinPortal shadow="md">
      <Indicator disabled={!isChanged} color="brass.5" size={8} offset={6}>
        <Popover.Target>
          <Tooltip label={t`Settings of this conversation`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={34}
              aria-label={
                isChanged ? t`Settings of this conversation, changed` : t`Settings of this conversation`
              }
            >
              <SlidersHorizontalIcon size={18} strokeWidth={1.7} />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label={t`Settings of this conversation`}>
        <Stack gap="sm">
          <Textarea
            label={t`System prompt`}
            description={t`What the model is told before everything else`}
            autosize
            minRows={3}
            maxRows={8}
            maxLength={MOST_SYSTEM}
            value={system}
            onChange={(event) => onChange({ system: event.currentTarget.value })}
          />
          <Group grow align="flex-start">
            <NumberInput
              label={t`Temperature`}
              description={t`0 to 2`}
              placeholder={t`Model's own`}
              min={0}
              max={2}
              step={0.1}
              decimalScale={2}
              value={temperature ?? ""}
              onChange={(value) => onChange({ temperature: value === "" ? null : Number(value) })}
            />
            <NumberInput
              label={t`Most tokens`}
              description={t`Of an answer`}
              placeholder={t`No limit`}
              min={1}
              max={MOST_TOKENS}
              allowDecimal={false}
              value={maxTokens ?? ""}
              onChange={(value) => onChange({ maxTokens: value === "" ? null : Number(value) })}
            />
          </Group>
          <Button
            variant="subtle"
            size="xs"
            disabled={!isChanged}
            style={{ alignSelf: "flex-start" }}
            onClick={() => onChange({ system: "", temperature: null, maxTokens: null })}
          >
            {t`Leave it to the model`}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

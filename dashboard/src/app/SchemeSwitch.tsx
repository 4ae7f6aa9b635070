import { t } from "@lingui/core/macro";
import { ActionIcon, Button, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { MonitorIcon, MoonIcon, SunIcon } from "lucide-react";

const SCHEMES = [
  { value: "light", label: t`Light`, icon: SunIcon },
  { value: "dark", label: t`Dark`, icon: MoonIcon },
  { value: "auto", label: t`As the system`, icon: MonitorIcon },
] as const;

interface Props {
  /** Words beside each other instead of a menu. */
  withLabels?: boolean;
}

/** Light, dark, or as the system is. */
export function SchemeSwitch({ withLabels = false }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = SCHEMES.find(({ value }) => value === colorScheme) ?? SCHEMES[2];
  if (withLabels) {
    return (
      <Button.Group w="100%" aria-label={t`Colours`}>
        {SCHEMES.map(({ value, label }) => (
          <Button
            key={value}
            flex={1}
            size="xs"
            variant={value === colorScheme ? "light" : "default"}
            aria-pressed={value === colorScheme}
            onClick={() => setColorScheme(value)}
          >
            {value === "auto" ? t`System` : label}
          </Button>
        ))}
      </Button.Group>
    );
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Tooltip label={t`Colours`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t`Colours: ${{ current: current.label }}`}
          >
            <current.icon size={19} strokeWidth={1.7} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} strokeWidth={1.7} aria-hidden />}
            onClick={() => setColorScheme(value)}
            aria-current={value === colorScheme || undefined}
            fw={value === colorScheme ? 600 : undefined}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

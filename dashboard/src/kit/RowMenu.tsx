import { t } from "@lingui/core/macro";
import { ActionIcon, Menu } from "@mantine/core";
import { EllipsisIcon, type LucideIcon } from "lucide-react";

export interface RowAction {
  label: string;
  icon: LucideIcon;
  onClick: () => void;
  /** It takes something away. */
  danger?: boolean;
}

interface Props {
  /** What the row is about, as in "Actions for Ada". */
  name: string;
  actions: RowAction[];
}

/** What can be done with one row of a table. Nothing, where nothing can. */
export function RowMenu({ name, actions }: Props) {
  if (actions.length === 0) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t`Actions for ${name}`}>
          <EllipsisIcon size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map(({ label, icon: Icon, onClick, danger = false }) => (
          <Menu.Item
            key={label}
            leftSection={<Icon size={16} aria-hidden />}
            color={danger ? "red" : undefined}
            onClick={onClick}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

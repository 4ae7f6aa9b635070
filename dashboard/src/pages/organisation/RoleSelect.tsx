import { t } from "@lingui/core/macro";
import { Radio, Stack } from "@mantine/core";
import { type Role, useMay } from "@/data/organisations";
import { ROLE_NAMES, ROLE_WORDS, ROLES } from "@/data/roles";

interface Props {
  value?: string;
  onChange?: (role: string) => void;
  error?: React.ReactNode;
}

/** Which role somebody has, with what each may do. Owners are made by owners. */
export function RoleSelect({ value, onChange, error }: Props) {
  const may = useMay();
  const offered = ROLES.filter((role: Role) => role !== "owner" || may("owners.change"));
  return (
    <Radio.Group label={t`Role`} value={value} onChange={onChange} error={error}>
      <Stack gap="xs" mt={6}>
        {offered.map((role) => (
          <Radio key={role} value={role} label={ROLE_NAMES[role]} description={ROLE_WORDS[role]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

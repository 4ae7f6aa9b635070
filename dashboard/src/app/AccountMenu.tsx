import { t } from "@lingui/core/macro";
import { Avatar, Menu, Text, UnstyledButton } from "@mantine/core";
import { BookOpenIcon, LogOutIcon, UserIcon } from "lucide-react";
import { Link } from "react-router";
import { base } from "@/api/client";
import { useMe } from "@/data/me";
import { session } from "@/session/session";
import { LanguageItems } from "./LanguageItems";
import { useFocusOnceChosen } from "./useFocusOnceChosen";

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const me = useMe();
  const button = useFocusOnceChosen();
  const name = me.data?.full_name ?? me.data?.email ?? "";
  return (
    <Menu position="bottom-end" width={230} withinPortal>
      <Menu.Target>
        <UnstyledButton ref={button} aria-label={t`Account`} style={{ borderRadius: "50%" }}>
          <Avatar size={34} color="fare" variant="light">
            <span aria-hidden>{name.charAt(0).toUpperCase() || <UserIcon size={18} />}</span>
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" truncate>
            {me.data?.email ?? t`Signed in`}
          </Text>
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<UserIcon size={16} aria-hidden />}>
          {t`Account`}
        </Menu.Item>
        <Menu.Item component="a" href={`${base()}/docs`} leftSection={<BookOpenIcon size={16} aria-hidden />}>
          {t`API reference`}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t`Language`}</Menu.Label>
        <LanguageItems />
        <Menu.Divider />
        <Menu.Item leftSection={<LogOutIcon size={16} aria-hidden />} onClick={() => void session.signOut()}>
          {t`Sign out`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

import { t } from "@lingui/core/macro";
import { AppShell, Burger, Center, Group, Loader, NavLink, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { Suspense, useEffect } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { useMe } from "@/data/me";
import { useMay, useOrganisation, useOrganisationId } from "@/data/organisations";
import { Loading } from "@/kit/Loading";
import { Logo } from "@/theme/Logo";
import { Wordmark } from "@/theme/Wordmark";
import { AccountMenu } from "./AccountMenu";
import { BalanceBadge } from "./BalanceBadge";
import { NotOffered } from "./NotOffered";
import { ADMIN, isWithin, itemOf, MAIN, type NavigationItem } from "./navigation";
import { OfflineNotice } from "./OfflineNotice";
import { OrganisationSwitcher } from "./OrganisationSwitcher";
import { CONTENT_ID } from "./Root";
import { SchemeSwitch } from "./SchemeSwitch";
import { Search } from "./Search";
import { SeeingNotice } from "./SeeingNotice";
import classes from "./Shell.module.css";
import { SkipLink } from "./SkipLink";

/** What signed-in people see around each page. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const isNarrow = useMediaQuery("(max-width: 61.99em)"); // below the theme's `md` the navigation is a drawer
  const me = useMe();
  const org = useOrganisationId();
  const { pathname } = useLocation();

  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the drawer
  useEffect(close, [pathname]);

  return (
    <AppShell
      layout="alt"
      header={{ height: 60 }}
      navbar={{ width: 236, breakpoint: "md", collapsed: { mobile: !opened } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <SkipLink />
      <AppShell.Header className={classes.header}>
        <Group h="100%" px={{ base: "md", sm: "xl" }} justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" hiddenFrom="md">
            <Burger
              opened={opened}
              onClick={toggle}
              size="sm"
              aria-label={t`Navigation`}
              aria-expanded={opened}
              aria-controls="navigation"
            />
            <UnstyledButton
              component={Link}
              to="/"
              className={classes.logo}
              aria-label={t`Farebox, overview`}
            >
              <Logo size={26} />
            </UnstyledButton>
          </Group>
          <BalanceBadge key={org} />
          <Group gap={6} wrap="nowrap">
            <Search />
            <Group gap={0} visibleFrom="md">
              <SchemeSwitch />
            </Group>
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>

      <AppShell.Navbar
        id="navigation"
        className={classes.navbar}
        aria-label={t`Main`}
        inert={isNarrow === true && !opened}
      >
        <Group h={60} px="md" justify="space-between" wrap="nowrap">
          <UnstyledButton component={Link} to="/" aria-label={t`Farebox, overview`}>
            <Wordmark />
          </UnstyledButton>
          <Burger opened onClick={close} size="sm" hiddenFrom="md" aria-label={t`Close navigation`} />
        </Group>
        <OrganisationSwitcher />
        <div className={classes.links}>
          <Items items={MAIN} />
          {me.data?.is_admin && (
            <>
              <Text className={classes.group} id="admin-group">
                {t`Admin`}
              </Text>
              <Items items={ADMIN} />
            </>
          )}
        </div>
        <Group p="md" hiddenFrom="md">
          <SchemeSwitch withLabels />
        </Group>
      </AppShell.Navbar>

      <AppShell.Main>
        <div id={CONTENT_ID} className={classes.content} tabIndex={-1}>
          <SeeingNotice />
          <OfflineNotice />
          <Suspense fallback={<Loading as="rows" />}>
            <Offered key={org} />
          </Suspense>
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

/** The page, anew for each organisation, where one's role there allows it. */
function Offered() {
  const here = useOrganisation();
  const isOwn = useOrganisationId() === null;
  const may = useMay();
  const { pathname } = useLocation();
  if (here === undefined && !isOwn) {
    return (
      <Center mih="60vh" role="status">
        <Loader aria-label={t`Loading`} />
      </Center>
    );
  }
  const item = itemOf(pathname);
  return item?.right === undefined || may(item.right) ? <Outlet /> : <NotOffered what={item.label} />;
}

function Items({ items }: { items: NavigationItem[] }) {
  const { pathname } = useLocation();
  const may = useMay();
  const offered = items.filter(({ right }) => right === undefined || may(right));
  return offered.map(({ path, label, icon: Icon }) => {
    const isHere = isWithin(pathname, path);
    return (
      <NavLink
        key={path}
        component={Link}
        to={path}
        label={label}
        leftSection={<Icon size={18} strokeWidth={1.7} aria-hidden />}
        active={isHere}
        aria-current={isHere ? "page" : undefined}
        ref={isHere ? bringIntoView : undefined}
        className={classes.link}
      />
    );
  });
}

/** A long menu scrolls to where one is. */
function bringIntoView(link: HTMLElement | null): void {
  link?.scrollIntoView({ block: "nearest" });
}

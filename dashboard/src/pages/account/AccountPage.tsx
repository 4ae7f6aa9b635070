import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useParams } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { useMe } from "@/data/me";
import { Loaded } from "@/kit/Loaded";
import { Page } from "@/kit/Page";
import { RoutedPanel, type RoutedTab, RoutedTabs } from "@/kit/RoutedTabs";
import { session } from "@/session/session";
import { Address } from "./Address";
import { LinkedIdentities } from "./LinkedIdentities";
import { OwnData } from "./OwnData";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { SecondFactors } from "./SecondFactors";
import { Sessions } from "./Sessions";

const TABS: RoutedTab[] = [
  { value: "profile", label: t`Profile` },
  { value: "security", label: t`Security` },
  { value: "data", label: t`Your data` },
];

/** The paths below `/account`: the tab, which is the profile where none is named. */
export default function AccountPage() {
  const me = useMe();
  const { "*": path = "" } = useParams();
  const tab = path || "profile";
  if (!TABS.some(({ value }) => value === tab)) return <NotFoundPage />;
  return (
    <Page
      title={t`Account`}
      actions={
        <Button variant="default" onClick={() => void session.signOut()}>
          {t`Sign out`}
        </Button>
      }
    >
      <RoutedTabs path="/account" tabs={TABS} value={tab}>
        <RoutedPanel value="profile">
          <Loaded query={me}>
            {(person) => (
              <>
                <Address person={person} />
                <Profile person={person} />
              </>
            )}
          </Loaded>
        </RoutedPanel>
        <RoutedPanel value="security">
          <Loaded query={me}>
            {(person) => (
              <>
                <SecondFactors />
                <Sessions />
                <Password person={person} />
                <LinkedIdentities person={person} />
              </>
            )}
          </Loaded>
        </RoutedPanel>
        <RoutedPanel value="data">
          <Loaded query={me}>{(person) => <OwnData person={person} />}</Loaded>
        </RoutedPanel>
      </RoutedTabs>
    </Page>
  );
}

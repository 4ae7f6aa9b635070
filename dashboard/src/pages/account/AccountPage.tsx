import { t } from "@lingui/core/macro";
import { Button, Tabs } from "@mantine/core";
import { useNavigate, useParams } from "react-router";
import { NotFoundPage } from "@/app/NotFoundPage";
import { useMe } from "@/data/me";
import { Loaded } from "@/kit/Loaded";
import { Page } from "@/kit/Page";
import { session } from "@/session/session";
import classes from "./AccountPage.module.css";
import { Address } from "./Address";
import { LinkedIdentities } from "./LinkedIdentities";
import { OwnData } from "./OwnData";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { SecondFactors } from "./SecondFactors";
import { Sessions } from "./Sessions";

const TABS = [
  { value: "profile", label: t`Profile` },
  { value: "security", label: t`Security` },
  { value: "data", label: t`Your data` },
];

/** The paths below `/account`: the tab, which is the profile where none is named. */
export default function AccountPage() {
  const me = useMe();
  const navigate = useNavigate();
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
      <Tabs
        value={tab}
        onChange={(value) => void navigate(value === "profile" ? "/account" : `/account/${value}`)}
        keepMounted={false}
      >
        <Tabs.List>
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="profile" className={classes.panel}>
          <Loaded query={me}>
            {(person) => (
              <>
                <Address person={person} />
                <Profile person={person} />
              </>
            )}
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="security" className={classes.panel}>
          <Loaded query={me}>
            {(person) => (
              <>
                <SecondFactors />
                <Sessions />
                <Password email={person.email} />
                <LinkedIdentities />
              </>
            )}
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="data" className={classes.panel}>
          <Loaded query={me}>{(person) => <OwnData person={person} />}</Loaded>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor } from "@mantine/core";
import { Link, useLocation } from "react-router";
import { Entrance } from "./Entrance";
import { Providers } from "./Providers";
import { SignInForm } from "./SignInForm";

/** Where one signs in; the guard around it leads on. */
export default function SignInPage() {
  const { search } = useLocation();
  return (
    <Entrance
      title={t`Sign in`}
      footer={
        <Trans>
          New here?{" "}
          <Anchor component={Link} to={{ pathname: "/sign-up", search }} underline="always">
            Make an account
          </Anchor>
        </Trans>
      }
    >
      <Providers />
      <SignInForm />
    </Entrance>
  );
}

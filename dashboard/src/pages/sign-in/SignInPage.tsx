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
      title="Sign in"
      footer={
        <>
          New here?{" "}
          <Anchor component={Link} to={{ pathname: "/sign-up", search }} underline="always">
            Make an account
          </Anchor>
        </>
      }
    >
      <Providers />
      <SignInForm />
    </Entrance>
  );
}

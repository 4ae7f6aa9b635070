import { t } from "@lingui/core/macro";
import { Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Navigate, Outlet, useLocation, useSearchParams } from "react-router";
import { asProblem, type Problem } from "@/api/problem";
import { NotFoundPage } from "@/app/NotFoundPage";
import { useMe } from "@/data/me";
import { Failure } from "@/kit/Failure";
import { safeReturn, signInPath } from "./returnTo";
import { session } from "./session";
import { useSession } from "./useSession";

const SignInAgain = lazy(() => import("./SignInAgain"));

/** Routes below are for whoever is signed in; others sign in first and come back. */
export function SignedInOnly() {
  const state = useSession();
  const location = useLocation();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt is what it runs again for
  useEffect(() => {
    if (state === "restoring") session.restore().catch((error) => setProblem(asProblem(error)));
    if (state === "signed-out") queries.clear(); // nothing of one person is shown to the next
  }, [state, attempt, queries]);

  if (state === "signed-out") return <Navigate to={signInPath(location)} replace />;
  if (state === "signed-in" || state === "expired") {
    return (
      <>
        <Outlet />
        {state === "expired" && (
          <Suspense>
            <SignInAgain />
          </Suspense>
        )}
      </>
    );
  }
  if (problem === null) return <Waiting />;
  const retry = () => {
    setProblem(null);
    setAttempt(attempt + 1);
  };
  return (
    <Center mih="60vh" p="md">
      <Failure error={problem} onRetry={retry} />
    </Center>
  );
}

/** Routes below are for those who have yet to sign in; others go where they wanted to, and somebody new to where one
 * begins. */
export function SignedOutOnly() {
  const state = useSession();
  const [search] = useSearchParams();
  const { pathname } = useLocation();

  useEffect(() => {
    if (state === "restoring") session.restore().catch(() => undefined); // signing in will say what is wrong
  }, [state]);

  if (state !== "signed-in") return <Outlet />;
  return <Navigate to={safeReturn(search.get("return"), pathname === "/sign-up" ? "/start" : "/")} replace />;
}

/** Routes below are for administrators. For everybody else they are not there, as in the API. */
export function AdminOnly() {
  const me = useMe();
  if (me.isPending) return <Waiting />;
  if (me.isError) return <Failure error={me.error} onRetry={() => void me.refetch()} />;
  return me.data.is_admin ? <Outlet /> : <NotFoundPage />;
}

function Waiting() {
  return (
    <Center mih="60vh" role="status">
      <Loader aria-label={t`Loading`} />
    </Center>
  );
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";

export type Wallet = Schema<"WalletAnswer">;

const KEY = ["wallet"];

/** The wallet, looked at again every half minute and whenever the window comes back. */
export function useWallet() {
  return useQuery({
    queryKey: KEY,
    queryFn: () => unwrap(api().GET("/api/wallet")),
    refetchInterval: 30_000,
  });
}

/** Has the balance looked at again: to be called after whatever costs or brings money. */
export function useRefreshWallet(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: KEY });
}

/** Shows a balance that an answer has told already, instead of asking for it. */
export function useShowBalance(): (balanceUsd: string) => void {
  const queries = useQueryClient();
  return (balance_usd) => {
    queries.setQueryData<Wallet>(KEY, (wallet) => wallet && { ...wallet, balance_usd });
  };
}

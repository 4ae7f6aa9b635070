import { useQuery } from "@tanstack/react-query";
import { api, type Schema, unwrap } from "@/api/client";

export type Receipt = Schema<"Receipt">;

/** What a request was charged and why; `null` asks for nothing. One that still runs is looked at again. */
export function useReceipt(requestId: string | null) {
  return useQuery({
    queryKey: ["usage", "receipt", requestId],
    enabled: requestId !== null,
    queryFn: () => {
      const path = { request_id: requestId ?? "" };
      return unwrap(api().GET("/api/usage/receipts/{request_id}", { params: { path } }));
    },
    refetchInterval: ({ state }) => (state.data?.status === "pending" ? 2_000 : false),
  });
}

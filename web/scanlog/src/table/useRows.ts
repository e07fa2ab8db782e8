/** The scans of a view, page by page. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Catalogue } from "../catalogue/client";
import {
  fieldsOf,
  nextPlace,
  type Place,
  pageFilter,
  pathOfFilter,
  rowsOf,
  START,
  whereOf,
} from "../catalogue/query";
import type { Row } from "../columns/columns";
import type { View } from "../view/view";

export interface Rows {
  readonly rows: readonly Row[];
  /** Nothing has come yet. */
  readonly waiting: boolean;
  readonly reading: boolean;
  /** The rows are those of this view, not of the one before. */
  readonly settled: boolean;
  readonly more: boolean;
  readonly trouble: Error | null;
  readonly next: () => void;
  readonly again: () => void;
}

/** `now`: the server's time in milliseconds, which relative periods count from. */
export function useRows(catalogue: Catalogue, owner: string, view: View, now: number): Rows {
  const key = ["rows", owner, JSON.stringify([whereOf(view, now), fieldsOf(view), view.sort])];
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam, signal }) => {
      const { body } = await catalogue.ask(pathOfFilter(pageFilter(view, pageParam, now)), { signal });
      return rowsOf(body);
    },
    initialPageParam: START as Place,
    getNextPageParam: (last, pages) => nextPlace(view, pages.flat(), last.length),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => once(pages?.flat() ?? []), [pages]);
  return {
    rows,
    waiting: query.isPending,
    reading: query.isFetching,
    settled: query.isSuccess && !query.isPlaceholderData,
    more: query.hasNextPage,
    trouble: query.error,
    next: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    again: () => void (query.isFetchNextPageError ? query.fetchNextPage() : query.refetch()),
  };
}

/** Each scan once: while pages are read, new scans move those of before onto the next page. */
export function once(rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((one) => !seen.has(one.pid) && seen.add(one.pid));
}

CREATE VIEW "segments" AS
WITH shoal_read AS MATERIALIZED (
  SELECT
    "id" AS "key1",
    CASE
      WHEN ABS(
        CAST(CASE TYPEOF("Größe")
          WHEN 'text'
          THEN JSON_EXTRACT(NULLIF(TRIM("Größe"), ''), '$')
          ELSE "Größe"
        END AS REAL)
      ) <= 1e+60
      THEN CAST(CASE TYPEOF("Größe")
        WHEN 'text'
        THEN JSON_EXTRACT(NULLIF(TRIM("Größe"), ''), '$')
        ELSE "Größe"
      END AS REAL)
    END AS "n1",
    CASE
      WHEN ABS(
        CAST(CASE TYPEOF("active")
          WHEN 'text'
          THEN JSON_EXTRACT(NULLIF(TRIM("active"), ''), '$')
          ELSE "active"
        END AS REAL)
      ) <= 1e+60
      THEN CAST(CASE TYPEOF("active")
        WHEN 'text'
        THEN JSON_EXTRACT(NULLIF(TRIM("active"), ''), '$')
        ELSE "active"
      END AS REAL)
    END AS "n2",
    CASE
      WHEN ABS(
        CAST(CASE
          WHEN NOT CASE
            WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
            THEN JSON_EXTRACT('no date', '$')
            ELSE DATE(NULLIF(TRIM("last"), ''))
          END IS NULL
          AND JULIANDAY(
            CASE
              WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
              THEN JSON_EXTRACT('no date', '$')
              ELSE DATE(NULLIF(TRIM("last"), ''))
            END
          ) - JULIANDAY('1970-01-01') >= -25566.0e0
          AND JULIANDAY(
            CASE
              WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
              THEN JSON_EXTRACT('no date', '$')
              ELSE DATE(NULLIF(TRIM("last"), ''))
            END
          ) - JULIANDAY('1970-01-01') < 47482.0e0
          AND JULIANDAY(
            CASE
              WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
              THEN JSON_EXTRACT('no date', '$')
              ELSE DATE(NULLIF(TRIM("last"), ''))
            END
          ) - JULIANDAY('1970-01-01') <> 0.0e0
          AND JULIANDAY(
            CASE
              WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
              THEN JSON_EXTRACT('no date', '$')
              ELSE DATE(NULLIF(TRIM("last"), ''))
            END
          ) - JULIANDAY('1970-01-01') <= 19904.0e0
          THEN 19904.0e0 - (
            JULIANDAY(
              CASE
                WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
                THEN JSON_EXTRACT('no date', '$')
                ELSE DATE(NULLIF(TRIM("last"), ''))
              END
            ) - JULIANDAY('1970-01-01')
          )
        END AS REAL)
      ) <= 1e+60
      THEN CAST(CASE
        WHEN NOT CASE
          WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
          THEN JSON_EXTRACT('no date', '$')
          ELSE DATE(NULLIF(TRIM("last"), ''))
        END IS NULL
        AND JULIANDAY(
          CASE
            WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
            THEN JSON_EXTRACT('no date', '$')
            ELSE DATE(NULLIF(TRIM("last"), ''))
          END
        ) - JULIANDAY('1970-01-01') >= -25566.0e0
        AND JULIANDAY(
          CASE
            WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
            THEN JSON_EXTRACT('no date', '$')
            ELSE DATE(NULLIF(TRIM("last"), ''))
          END
        ) - JULIANDAY('1970-01-01') < 47482.0e0
        AND JULIANDAY(
          CASE
            WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
            THEN JSON_EXTRACT('no date', '$')
            ELSE DATE(NULLIF(TRIM("last"), ''))
          END
        ) - JULIANDAY('1970-01-01') <> 0.0e0
        AND JULIANDAY(
          CASE
            WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
            THEN JSON_EXTRACT('no date', '$')
            ELSE DATE(NULLIF(TRIM("last"), ''))
          END
        ) - JULIANDAY('1970-01-01') <= 19904.0e0
        THEN 19904.0e0 - (
          JULIANDAY(
            CASE
              WHEN NOT NULLIF(TRIM("last"), '') IS NULL AND DATE(NULLIF(TRIM("last"), '')) IS NULL
              THEN JSON_EXTRACT('no date', '$')
              ELSE DATE(NULLIF(TRIM("last"), ''))
            END
          ) - JULIANDAY('1970-01-01')
        )
      END AS REAL)
    END AS "n3",
    CASE TRIM(CAST("member" AS TEXT), ' 	    ') COLLATE BINARY
      WHEN 'No'
      THEN 0.0e0
      WHEN 'Yes'
      THEN 1.0e0
    END AS "n4",
    TRIM(CAST("plan" AS TEXT), ' 	    ') COLLATE BINARY AS "w5",
    CASE TRIM(CAST("plan" AS TEXT), ' 	    ') COLLATE BINARY
      WHEN 'A'
      THEN 1
      WHEN 'it''s'
      THEN 2
    END AS "k5"
  FROM "shop"."customers"
), shoal_encoded AS MATERIALIZED (
  SELECT
    "key1",
    CASE
      WHEN NOT "n1" IS NULL
      OR NOT "n2" IS NULL
      OR NOT NULLIF("n3", -1.0e0) IS NULL
      OR NOT "n4" IS NULL
      OR NOT "k5" IS NULL
      OR (
        NOT "w5" IN (
          '',
          'NA',
          'N/A',
          'n/a',
          'NULL',
          'null',
          'NaN',
          'nan',
          '-nan',
          '<NA>',
          '?',
          '??',
          '-',
          '--',
          '\N',
          '(null)',
          '#N/A',
          '#N/A N/A',
          '#NA',
          '#DIV/0!',
          '#VALUE!',
          '#REF!',
          '#NAME?',
          '#NUM!',
          '#NULL!'
        )
      )
      THEN 1
      ELSE 0
    END AS "able",
    CASE WHEN "n3" < -5.0e0 OR "n3" > 900.0e0 THEN 1 ELSE 0 END AS "beyond",
    (
      CASE
        WHEN COALESCE("n1", 2.0e0) + 1.5e0 > 0.0e0
        THEN LN(COALESCE("n1", 2.0e0) + 1.5e0)
        ELSE -19.5e0
      END - 0.5e0
    ) * 0.5e0 AS "e1",
    (
      COALESCE("n2", 1.0e0) - 0.25e0
    ) * 2.0e0 AS "e2",
    (
      COALESCE(NULLIF("n3", -1.0e0), 30.0e0) - 40.0e0
    ) * 0.05e0 AS "e3",
    COALESCE("n4", 0.0e0) * 2.0e0 AS "e4",
    CASE WHEN "k5" = 1 THEN 2.0e0 WHEN NOT "k5" IS NULL THEN 0.0e0 ELSE 1.5e0 END AS "e5",
    CASE WHEN "k5" = 2 THEN 2.0e0 WHEN NOT "k5" IS NULL THEN 0.0e0 ELSE 0.5e0 END AS "e6"
  FROM shoal_read
), shoal_distances AS MATERIALIZED (
  SELECT
    "key1",
    "able",
    "beyond",
    (
      "e1" - 0.1e0
    ) * (
      "e1" - 0.1e0
    ) + "e2" * "e2" + "e3" * "e3" + "e4" * "e4" + (
      "e5" - 1.0e0
    ) * (
      "e5" - 1.0e0
    ) + "e6" * "e6" AS "d1",
    (
      "e1" + 0.2e0
    ) * (
      "e1" + 0.2e0
    ) + (
      "e2" - 1.0e0
    ) * (
      "e2" - 1.0e0
    ) + "e3" * "e3" + (
      "e4" - 1.0e0
    ) * (
      "e4" - 1.0e0
    ) + "e5" * "e5" + (
      "e6" - 1.0e0
    ) * (
      "e6" - 1.0e0
    ) AS "d2"
  FROM shoal_encoded
), shoal_nearest AS MATERIALIZED (
  SELECT
    "key1",
    "able",
    "beyond",
    "d1",
    "d2",
    CASE WHEN "d1" <= "d2" THEN 1 ELSE 2 END AS "nearest"
  FROM shoal_distances
), shoal_others AS MATERIALIZED (
  SELECT
    "key1",
    "able",
    "beyond",
    "nearest",
    CASE "nearest" WHEN 1 THEN "d1" WHEN 2 THEN "d2" END AS "first",
    CASE WHEN "nearest" = 1 THEN 1.7976931348623157e+308 ELSE "d1" END AS "o1",
    CASE WHEN "nearest" = 2 THEN 1.7976931348623157e+308 ELSE "d2" END AS "o2"
  FROM shoal_nearest
), shoal_runner AS MATERIALIZED (
  SELECT
    "key1",
    "able",
    "beyond",
    "nearest",
    "first",
    "o1",
    "o2",
    CASE WHEN "o1" <= "o2" THEN 1 ELSE 2 END AS "runner"
  FROM shoal_others
)
SELECT
  "key1" AS "id",
  CASE WHEN "able" = 1 THEN "nearest" END AS "segment",
  CASE
    WHEN "able" = 1
    THEN CASE "nearest" WHEN 1 THEN 'It''s A' WHEN 2 THEN 'B \ ü' END
    ELSE ''
  END AS "name",
  CASE
    WHEN "able" = 1
    THEN CASE "runner" WHEN 1 THEN 'It''s A' WHEN 2 THEN 'B \ ü' END
    ELSE ''
  END AS "runner_up",
  CASE
    WHEN "able" = 1
    THEN COALESCE(
      CAST(FLOOR(
        (
          1.0e0 - CAST(SQRT("first") AS REAL) / SQRT(NULLIF(CASE "runner" WHEN 1 THEN "o1" WHEN 2 THEN "o2" END, 0.0e0))
        ) * 10000.0e0 + 0.5e0
      ) AS REAL) / 10000.0e0,
      0.0e0
    )
    ELSE 0.0e0
  END AS "margin",
  CASE
    WHEN "able" = 1
    AND (
      "beyond" = 1
      OR SQRT("first") > CASE "nearest" WHEN 1 THEN 3.5e0 WHEN 2 THEN 4.5e0 END
    )
    THEN 1
    ELSE 0
  END AS "unlike_anyone"
FROM shoal_runner

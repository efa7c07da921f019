CREATE OR ALTER VIEW [segments] AS
WITH shoal_read AS (
  SELECT
  TOP 9223372036854775807
    [id] AS [key1],
    CASE WHEN ABS(CAST([Größe] AS FLOAT)) <= 1e+60 THEN CAST([Größe] AS FLOAT) END AS [n1],
    CASE WHEN ABS(CAST([active] AS FLOAT)) <= 1e+60 THEN CAST([active] AS FLOAT) END AS [n2],
    CASE
      WHEN ABS(
        CAST(CASE
          WHEN NOT CAST([last] AS DATE) IS NULL
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) >= -25566.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) < 47482.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) <> 0.0e0
          AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) <= 19904.0e0
          THEN 19904.0e0 - DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE))
        END AS FLOAT)
      ) <= 1e+60
      THEN CAST(CASE
        WHEN NOT CAST([last] AS DATE) IS NULL
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) >= -25566.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) < 47482.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) <> 0.0e0
        AND DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE)) <= 19904.0e0
        THEN 19904.0e0 - DATEDIFF(DAY, CAST('1970-01-01' AS DATE), CAST([last] AS DATE))
      END AS FLOAT)
    END AS [n3],
    CASE CAST(TRIM(N' 	    ' FROM CAST([member] AS NVARCHAR(4000))) AS VARBINARY(8000))
      WHEN CAST(N'No' AS VARBINARY(8000))
      THEN 0.0e0
      WHEN CAST(N'Yes' AS VARBINARY(8000))
      THEN 1.0e0
    END AS [n4],
    CAST(TRIM(N' 	    ' FROM CAST([plan] AS NVARCHAR(4000))) AS VARBINARY(8000)) AS [w5],
    CASE CAST(TRIM(N' 	    ' FROM CAST([plan] AS NVARCHAR(4000))) AS VARBINARY(8000))
      WHEN CAST(N'A' AS VARBINARY(8000))
      THEN 1
      WHEN CAST(N'it''s' AS VARBINARY(8000))
      THEN 2
    END AS [k5]
  FROM [shop].[customers]
), shoal_encoded AS (
  SELECT
  TOP 9223372036854775807
    [key1] AS [key1],
    CASE
      WHEN NOT [n1] IS NULL
      OR NOT [n2] IS NULL
      OR NOT NULLIF([n3], -1.0e0) IS NULL
      OR NOT [n4] IS NULL
      OR NOT [k5] IS NULL
      OR (
        NOT [w5] IN (
          CAST(N'' AS VARBINARY(8000)),
          CAST(N'NA' AS VARBINARY(8000)),
          CAST(N'N/A' AS VARBINARY(8000)),
          CAST(N'n/a' AS VARBINARY(8000)),
          CAST(N'NULL' AS VARBINARY(8000)),
          CAST(N'null' AS VARBINARY(8000)),
          CAST(N'NaN' AS VARBINARY(8000)),
          CAST(N'nan' AS VARBINARY(8000)),
          CAST(N'-nan' AS VARBINARY(8000)),
          CAST(N'<NA>' AS VARBINARY(8000)),
          CAST(N'?' AS VARBINARY(8000)),
          CAST(N'??' AS VARBINARY(8000)),
          CAST(N'-' AS VARBINARY(8000)),
          CAST(N'--' AS VARBINARY(8000)),
          CAST(N'\N' AS VARBINARY(8000)),
          CAST(N'(null)' AS VARBINARY(8000)),
          CAST(N'#N/A' AS VARBINARY(8000)),
          CAST(N'#N/A N/A' AS VARBINARY(8000)),
          CAST(N'#NA' AS VARBINARY(8000)),
          CAST(N'#DIV/0!' AS VARBINARY(8000)),
          CAST(N'#VALUE!' AS VARBINARY(8000)),
          CAST(N'#REF!' AS VARBINARY(8000)),
          CAST(N'#NAME?' AS VARBINARY(8000)),
          CAST(N'#NUM!' AS VARBINARY(8000)),
          CAST(N'#NULL!' AS VARBINARY(8000))
        )
      )
      THEN 1
      ELSE 0
    END AS [able],
    CASE WHEN [n3] < -5.0e0 OR [n3] > 900.0e0 THEN 1 ELSE 0 END AS [beyond],
    (
      CASE
        WHEN COALESCE([n1], 2.0e0) + 1.5e0 > 0.0e0
        THEN LOG(COALESCE([n1], 2.0e0) + 1.5e0)
        ELSE -19.5e0
      END - 0.5e0
    ) * 0.5e0 AS [e1],
    (
      COALESCE([n2], 1.0e0) - 0.25e0
    ) * 2.0e0 AS [e2],
    (
      COALESCE(NULLIF([n3], -1.0e0), 30.0e0) - 40.0e0
    ) * 0.05e0 AS [e3],
    COALESCE([n4], 0.0e0) * 2.0e0 AS [e4],
    CASE WHEN [k5] = 1 THEN 2.0e0 WHEN NOT [k5] IS NULL THEN 0.0e0 ELSE 1.5e0 END AS [e5],
    CASE WHEN [k5] = 2 THEN 2.0e0 WHEN NOT [k5] IS NULL THEN 0.0e0 ELSE 0.5e0 END AS [e6]
  FROM shoal_read
), shoal_distances AS (
  SELECT
  TOP 9223372036854775807
    [key1] AS [key1],
    [able] AS [able],
    [beyond] AS [beyond],
    (
      [e1] - 0.1e0
    ) * (
      [e1] - 0.1e0
    ) + [e2] * [e2] + [e3] * [e3] + [e4] * [e4] + (
      [e5] - 1.0e0
    ) * (
      [e5] - 1.0e0
    ) + [e6] * [e6] AS [d1],
    (
      [e1] + 0.2e0
    ) * (
      [e1] + 0.2e0
    ) + (
      [e2] - 1.0e0
    ) * (
      [e2] - 1.0e0
    ) + [e3] * [e3] + (
      [e4] - 1.0e0
    ) * (
      [e4] - 1.0e0
    ) + [e5] * [e5] + (
      [e6] - 1.0e0
    ) * (
      [e6] - 1.0e0
    ) AS [d2]
  FROM shoal_encoded
), shoal_nearest AS (
  SELECT
  TOP 9223372036854775807
    [key1] AS [key1],
    [able] AS [able],
    [beyond] AS [beyond],
    [d1] AS [d1],
    [d2] AS [d2],
    CASE WHEN [d1] <= [d2] THEN 1 ELSE 2 END AS [nearest]
  FROM shoal_distances
), shoal_others AS (
  SELECT
  TOP 9223372036854775807
    [key1] AS [key1],
    [able] AS [able],
    [beyond] AS [beyond],
    [nearest] AS [nearest],
    CASE [nearest] WHEN 1 THEN [d1] WHEN 2 THEN [d2] END AS [first],
    CASE WHEN [nearest] = 1 THEN 1.7976931348623157e+308 ELSE [d1] END AS [o1],
    CASE WHEN [nearest] = 2 THEN 1.7976931348623157e+308 ELSE [d2] END AS [o2]
  FROM shoal_nearest
), shoal_runner AS (
  SELECT
  TOP 9223372036854775807
    [key1] AS [key1],
    [able] AS [able],
    [beyond] AS [beyond],
    [nearest] AS [nearest],
    [first] AS [first],
    [o1] AS [o1],
    [o2] AS [o2],
    CASE WHEN [o1] <= [o2] THEN 1 ELSE 2 END AS [runner]
  FROM shoal_others
)
SELECT
  [key1] AS [id],
  CASE WHEN [able] = 1 THEN [nearest] END AS [segment],
  CASE
    WHEN [able] = 1
    THEN CASE [nearest] WHEN 1 THEN N'It''s A' WHEN 2 THEN N'B \ ü' END
    ELSE N''
  END AS [name],
  CASE
    WHEN [able] = 1
    THEN CASE [runner] WHEN 1 THEN N'It''s A' WHEN 2 THEN N'B \ ü' END
    ELSE N''
  END AS [runner_up],
  CASE
    WHEN [able] = 1
    THEN COALESCE(
      CAST(FLOOR(
        (
          1.0e0 - CAST(SQRT([first]) AS FLOAT) / SQRT(NULLIF(CASE [runner] WHEN 1 THEN [o1] WHEN 2 THEN [o2] END, 0.0e0))
        ) * 10000.0e0 + 0.5e0
      ) AS FLOAT) / 10000.0e0,
      0.0e0
    )
    ELSE 0.0e0
  END AS [margin],
  CAST(CASE
    WHEN [able] = 1
    AND (
      [beyond] = 1
      OR SQRT([first]) > CASE [nearest] WHEN 1 THEN 3.5e0 WHEN 2 THEN 4.5e0 END
    )
    THEN 1
    ELSE 0
  END AS BIT) AS [unlike_anyone]
FROM shoal_runner

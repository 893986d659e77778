use jiff::civil::date;

use super::*;

const ACCOUNT: &str = "000000004711";
const WALLET: &str = "wallet:000000004711";

fn transfer(line: i64, debit: &str, credit: &str, amount: i64) -> WrittenTransfer {
    WrittenTransfer {
        line,
        debit: debit.to_owned(),
        credit: credit.to_owned(),
        currency: "INR".to_owned(),
        amount,
    }
}

fn movement(
    seq: i64,
    kind: &str,
    (change, after): (i64, i64),
    transfers: Vec<WrittenTransfer>,
) -> WrittenMovement {
    WrittenMovement {
        id: format!("mov_{seq}"),
        seq,
        kind: kind.to_owned(),
        kind_seq: 1,
        reference: format!("{kind}:{seq}"),
        currency: "INR".to_owned(),
        wallet_change: change,
        balance_after: after,
        description: "Requests".to_owned(),
        at: 1_795_000_000_000_000 + seq,
        day: "2026-11-21".to_owned(),
        seal: None,
        transfers,
    }
}

fn sealed(mut movements: Vec<WrittenMovement>) -> Vec<WrittenMovement> {
    let mut before = genesis(ACCOUNT);
    for movement in &mut movements {
        before = seal(ACCOUNT, &before, movement);
        movement.seal = Some(before);
    }
    movements
}

fn books() -> (Snapshot, Vec<WrittenMovement>) {
    let received = vec![
        transfer(1, "gateway", WALLET, 118),
        transfer(2, "tax:contained", "tax:igst", 18),
    ];
    let movements = vec![
        movement(1, "topup", (118, 118), received),
        movement(
            2,
            "usage",
            (-36, 82),
            vec![transfer(1, WALLET, "revenue:usage", 36)],
        ),
        movement(
            3,
            "subscription",
            (0, 82),
            vec![transfer(1, "gateway", "revenue:subscriptions", 900)],
        ),
    ];
    let day = DaySums {
        day: date(2026, 11, 21),
        spend: 36,
        credits: 118,
        debits: 0,
    };
    let snapshot = Snapshot {
        currency: "INR".to_owned(),
        balance: 82,
        movements: 3,
        days: vec![day],
    };
    (snapshot, sealed(movements))
}

fn prove(snapshot: &Snapshot, movements: &[WrittenMovement]) -> Proof {
    let mut proof = Proof::of(ACCOUNT, snapshot);
    movements.iter().for_each(|written| proof.movement(written));
    proof.finish(snapshot);
    proof
}

#[test]
fn books_that_add_up_are_proven() {
    let (snapshot, movements) = books();
    let proof = prove(&snapshot, &movements);
    assert!(proof.findings.is_empty(), "{:?}", proof.findings);
    assert_eq!(proof.transfers, 4);
    assert_eq!(proof.balances.totals(), BTreeMap::from([("INR", 0)]));
    let of = |name: &str| proof.balances.0[&("INR".to_owned(), name.to_owned())];
    assert_eq!((of(WALLET), of("gateway"), of("tax:igst")), (82, -1018, 18));
}

type Change = fn(&mut Snapshot, &mut Vec<WrittenMovement>);

/// I10: whatever is changed alone is found.
#[test]
fn each_change_is_found() {
    let changes: [(&str, Change); 30] = [
        ("a balance", |snapshot, _| snapshot.balance += 1),
        ("a count", |snapshot, _| snapshot.movements -= 1),
        ("a currency", |snapshot, _| snapshot.currency = "USD".to_owned()),
        ("a day's spend", |snapshot, _| snapshot.days[0].spend += 1),
        ("a day's credits", |snapshot, _| snapshot.days[0].credits -= 1),
        ("a day's debits", |snapshot, _| snapshot.days[0].debits += 1),
        ("a day gone", |snapshot, _| snapshot.days.clear()),
        ("a day more", |snapshot, _| {
            snapshot.days.push(DaySums {
                day: date(2026, 11, 20),
                spend: 1,
                credits: 0,
                debits: 0,
            });
        }),
        ("the last gone", |_, movements| movements.truncate(2)),
        ("the first gone", |_, movements| drop(movements.remove(0))),
        ("a number", |_, movements| movements[1].seq = 4),
        ("a kind", |_, movements| movements[2].kind = "topup".to_owned()),
        ("no kind", |_, movements| movements[2].kind = "gift".to_owned()),
        ("a number of a kind", |_, movements| movements[0].kind_seq = 2),
        ("a movement's currency", |_, movements| {
            movements[0].currency = "USD".to_owned();
        }),
        ("a change", |_, movements| movements[1].wallet_change = -35),
        ("a balance after", |_, movements| movements[1].balance_after = 83),
        ("a day", |_, movements| movements[1].day = "2026-11-20".to_owned()),
        ("a transfer's amount", |_, movements| {
            movements[0].transfers[0].amount = 119;
        }),
        ("a transfer's side", |_, movements| {
            movements[2].transfers[0].credit = WALLET.to_owned();
        }),
        ("another's wallet", |_, movements| {
            movements[2].transfers[0].credit = "wallet:000000004712".to_owned();
        }),
        ("a transfer gone", |_, movements| {
            drop(movements[0].transfers.remove(0));
        }),
        ("a transfer beside the wallet", |_, movements| {
            movements[0].transfers[1].credit = "tax:cgst".to_owned();
        }),
        ("an id", |_, movements| movements[1].id.push('x')),
        ("a reference", |_, movements| movements[1].reference.push('x')),
        ("a description", |_, movements| movements[1].description.clear()),
        ("a time", |_, movements| movements[1].at -= 1),
        ("a seal", |_, movements| movements[1].seal = movements[0].seal),
        ("no seal", |_, movements| movements[2].seal = None),
        ("a history sealed anew from the middle", |_, movements| {
            movements[0].description.clear();
            let before = genesis(ACCOUNT);
            movements[0].seal = Some(seal(ACCOUNT, &before, &movements[0]));
        }),
    ];
    for (what, change) in changes {
        let (mut snapshot, mut movements) = books();
        change(&mut snapshot, &mut movements);
        assert!(!prove(&snapshot, &movements).findings.is_empty(), "{what}");
    }
}

/// I10: what adds up all the same is found, and told of the movement that it was done to alone.
#[test]
fn the_movement_that_differs_from_its_seal_is_named() {
    let (snapshot, mut movements) = books();
    movements[1].description = "Something else".to_owned();
    let found = prove(&snapshot, &movements).findings;
    let found: Vec<_> = found.list.iter().map(ToString::to_string).collect();
    let due = format!("account {ACCOUNT}, entry 2: mov_2 is not what was sealed when it was booked");
    assert_eq!(found, [due]);
}

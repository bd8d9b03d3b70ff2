#[path = "../../../tests/src/lib.rs"]
mod shared;
use shared::forge::*;
#[test]
fn good_is_good() {
    let company = Company::new(1_800_000_000);
    let opening = company.good().verify(&company).expect("good");
    assert_eq!(opening.organization().name, "Kinloch Hotels");
    let ask = company.ask();
    assert_eq!(company.good_with(ask, &[&company.approver, &company.second_approver]).verify(&company).expect("good").decisions().len(), 2);
    let case = Case::new(1_800_000_000);
    println!("{} bytes", case.bytes.len());
}
